import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, parseDocument, type YAMLMap } from "yaml";

/** What is wrong with a text that should be YAML, and where; lines and columns count from 1. */
export interface YamlFault {
  readonly line: number;
  readonly column: number;
  /** The parser's words, which may repeat what stands there. */
  readonly words: string;
}

export type YamlText =
  | { readonly document: Document.Parsed }
  | { readonly faults: readonly [YamlFault, ...YamlFault[]] };

/** A text that is no YAML at all has a fault at every word: the first ones tell it. */
const mostFaults = 20;

const wordsOf: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "begins a second document",
  NON_STRING_KEY: "a key must be a text",
  RESOURCE_EXHAUSTION: "is nested too deeply",
};

/**
 * Reads one document of YAML or JSON, in a time that grows with its length. Keys are texts: one that is a list or map itself
 * would be written out again for each that it stands in, and so on with those. Never raises; aliases are not followed yet.
 */
export function readYamlText(text: string): YamlText {
  try {
    return parsed(text);
  } catch {
    // Some of its parts notice a want of room themselves, others raise.
    return { faults: [{ line: 1, column: 1, words: "is nested too deeply" }] };
  }
}

function parsed(text: string): YamlText {
  const lines = new LineCounter();
  // The parser itself compares each key with all before it.
  const options = {
    lineCounter: lines,
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: "error",
  } as const;
  const document = parseDocument(text, options);
  const faultAt = (position: number, words: string): YamlFault => {
    const { line, col } = lines.linePos(position);
    return { line, column: col, words };
  };
  const told = document.errors
    .slice(0, mostFaults)
    .map(({ code, message, pos: [position] }) => faultAt(position, wordsOf[code] ?? message.split("\n")[0] ?? ""));
  const [first, ...others] =
    told.length > 0 ? told : repeatedKeys(document).map((at) => faultAt(at, "Map keys must be unique"));
  return first === undefined ? { document } : { faults: [first, ...others] };
}

/** Where keys stand that their map has already; the first ones. */
function repeatedKeys(document: Document.Parsed): number[] {
  const repeated: number[] = [];
  const left: unknown[] = [document.contents];
  while (left.length > 0 && repeated.length < mostFaults) {
    const node = left.pop();
    if (isMap(node)) repeated.push(...repeatedIn(node));
    if (isPair(node)) left.push(node.value);
    else if (isCollection(node)) for (const item of node.items) left.push(item);
  }
  return repeated.sort((a, b) => a - b).slice(0, mostFaults);
}

function repeatedIn({ items }: YAMLMap): number[] {
  const keys = new Set<unknown>();
  const repeated: number[] = [];
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (keys.has(key.value)) repeated.push(key.range?.[0] ?? 0);
    keys.add(key.value);
  }
  // A map may hold any number of them.
  return repeated.slice(0, mostFaults);
}
