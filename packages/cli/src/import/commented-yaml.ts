import type { EntryComment } from "@kubestack/import";
import { Document, isMap, isScalar, isSeq } from "yaml";

/** A form as YAML with remarks before keys of it. Ends with a line end. */
export function commentedYaml(form: Readonly<Record<string, unknown>>, comments: readonly EntryComment[]): string {
  const document = new Document(form, { aliasDuplicateObjects: false });
  document.commentBefore = " Written by kubestackcmd import. Check it with: kubestackcmd config check FILE";
  for (const { path, says } of comments) {
    const within: unknown = document.getIn(path.slice(0, -1), true);
    const key = path.at(-1);
    const target = isMap(within)
      ? within.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.key
      : isSeq(within)
        ? within.items[Number(key)]
        : undefined;
    if (isScalar(target)) target.commentBefore = ` ${says}`;
  }
  return document.toString({ lineWidth: 0 });
}
