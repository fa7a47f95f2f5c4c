import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { readYamlText } from "./yaml-text.ts";

/** The text that was asked for, or why there is none: rule and remedy, without anything of what the file holds. */
export type TextFound = { readonly text: string } | { readonly fault: string };

/**
 * The text at a key of a YAML or JSON file. Dots lead further down (`jenkins.pass`), positions in lists are numbers from 0
 * (`masters.0.note`). A number, such as a password of digits alone, is the text as it is written there.
 */
export function textAtKey(content: string, key: string): TextFound {
  const read = readYamlText(content);
  // The parser's own words may repeat what stands there.
  if ("faults" in read)
    return { fault: `can't be found: line ${read.faults[0].line} is neither YAML nor JSON; correct it` };
  const { document } = read;
  let node = document.contents as Node | null | undefined;
  for (const step of key.split(".")) {
    node = followed(node);
    if (isMap(node)) node = node.get(step, true) as Node | undefined;
    else if (isSeq(node) && /^\d+$/.test(step)) node = node.get(Number(step), true) as Node | undefined;
    else return notThere;
  }
  node = followed(node);
  if (node === undefined || node === null) return notThere;
  if (!isScalar(node)) return { fault: "is no text but holds others; name the one that is meant" };
  if (typeof node.value === "string") return { text: node.value };
  return { text: node.value === null ? "" : (node.source ?? String(node.value)) };

  function followed(one: Node | null | undefined): Node | null | undefined {
    return isAlias(one) ? one.resolve(document) : one;
  }
}

const notThere: TextFound = { fault: "is not there; write the secret there, or correct the key" };
