/** What a `tree=` asks for: fields by name (`*`: all), each with what is wanted of it and which part of a list. */
export type Tree = ReadonlyMap<string, Branch>;

export interface Branch {
  readonly tree: Tree;
  /** Of a list: from `from`, before `to`. */
  readonly range: { readonly from: number; readonly to: number } | null;
}

/** Longest `tree=` that is read. */
const longest = 16_384;

/** Reads `a,b[c,d[e]]{0,5}`. Null where it is no such text; a real master answers 400 then. */
export function parseTree(source: string): Tree | null {
  if (source.length > longest) return null;
  const reader = { source, at: 0 };
  const tree = readList(reader);
  return tree === null || reader.at < source.length ? null : tree;
}

interface Reader {
  readonly source: string;
  at: number;
}

function readList(reader: Reader): Tree | null {
  const tree = new Map<string, Branch>();
  for (;;) {
    const name = match(reader, /[^,[\]{}]+/y)?.[0];
    if (name === undefined) return null;
    let inner: Tree = new Map();
    if (match(reader, /\[/y) !== null) {
      const found = readList(reader);
      if (found === null || match(reader, /\]/y) === null) return null;
      inner = found;
    }
    const range = match(reader, /\{(\d*)(,?)(\d*)\}/y);
    tree.set(name, { tree: inner, range: range === null ? null : rangeOf(range) });
    if (match(reader, /,/y) === null) return tree;
  }
}

/** `{n}` is the one, `{n,}`, `{,m}` and `{n,m}` are those from n, before m. */
function rangeOf([, first = "", comma = "", last = ""]: RegExpExecArray): { from: number; to: number } {
  const from = first === "" ? 0 : Number(first);
  if (comma === "") return { from, to: from + 1 };
  return { from, to: last === "" ? Number.POSITIVE_INFINITY : Number(last) };
}

function match(reader: Reader, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.source);
  if (found !== null) reader.at = pattern.lastIndex;
  return found;
}
