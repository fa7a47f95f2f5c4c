import type { JsonMap } from "@kubestack/templates";

/** By what the items of a list are the same one, and what two of them come to. */
export interface Keyed<T> {
  readonly key: (item: T) => string;
  readonly merge: (parent: T, child: T) => T;
}

/** The parent's items in their order, merged with the child's of the same key; then the child's others. */
export function mergedBy<T>(parent: readonly T[], child: readonly T[], { key, merge }: Keyed<T>): readonly T[] {
  const items = new Map<string, T>();
  for (const one of parent) items.set(key(one), one);
  for (const one of child) {
    const before = items.get(key(one));
    items.set(key(one), before === undefined ? one : merge(before, one));
  }
  return [...items.values()];
}

/** The text at a field, as a key. */
export function by(field: string): (item: JsonMap) => string {
  return (item) => String(item[field] ?? "");
}
