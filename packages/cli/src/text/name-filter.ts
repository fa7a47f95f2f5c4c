/** Whether a name passes. */
export type NameFilter = (name: string) => boolean;

/** A list such as `a,b` (one of them) or `!a,!b` (none of them). */
export interface NameList {
  readonly only: readonly string[];
  readonly not: readonly string[];
}

/** Reads a list of names with commas between them; `!` in front leaves a name out. */
export function parseNames(text: string): NameList {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "!");
  return {
    only: names.filter((name) => !name.startsWith("!")),
    not: names.filter((name) => name.startsWith("!")).map((name) => name.slice(1)),
  };
}

/** The filter of a list; no list lets every name pass. */
export function filterOf(list: NameList | undefined): NameFilter {
  if (list === undefined) return () => true;
  const [only, not] = [new Set(list.only), new Set(list.not)];
  return (name) => !not.has(name) && (only.size === 0 || only.has(name));
}
