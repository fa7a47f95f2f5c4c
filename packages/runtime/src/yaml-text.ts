import { sentenceOf } from "@kubestack/contracts";
import {
  Composer,
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  type YAMLMap,
} from "yaml";

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

/** A text that is no YAML at all has a fault at every word: the first ones tell it, and no more is read after them. */
const mostFaults = 20;

/** Lists and maps may stand within each other to this depth. The deepest pod stands in some twenty. */
const mostLevels = 100;

const tooDeep = `is nested too deeply, in more than ${mostLevels} lists and maps`;

const wordsOf: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "begins a second document",
  NON_STRING_KEY: "a key must be a text",
  RESOURCE_EXHAUSTION: tooDeep,
};

/** Where it stands as an offset in the text, what the parser calls it, and its sentence. */
interface Noticed {
  readonly at: number;
  readonly code: string;
  readonly message: string;
}

/** Ends the reading: what is known tells enough. */
class Enough extends Error {}

/** What a reader of YAML 1.2 does not take for granted. */
export interface YamlOptions {
  /** `<<` takes in the map that it names, as YAML 1.1 has it; default: it is a key like any other. */
  readonly mergesKeys?: boolean;
}

/**
 * Reads one document of YAML or JSON, in a time that grows with its length. Keys are texts: one that is a list or map itself
 * would be written out again for each that it stands in, and so on with those. Never raises; aliases are not followed yet.
 */
export function readYamlText(text: string, options: YamlOptions = {}): YamlText {
  const lines = new LineCounter();
  const faultAt = ({ at, code, message }: Noticed): YamlFault => {
    const { line, col } = lines.linePos(at);
    return { line, column: col, words: wordsOf[code] ?? message.split("\n")[0] ?? "" };
  };
  const read = noticing(text, lines, options);
  if ("document" in read) {
    const [first, ...others] = wrongKeys(read.document).map(faultAt);
    return first === undefined ? read : { faults: [first, ...others] };
  }
  const [first, ...others] = read.noticed.slice(0, mostFaults).map(faultAt);
  return { faults: [first ?? { line: 1, column: 1, words: "can't be read" }, ...others] };
}

function noticing(
  text: string,
  lines: LineCounter,
  options: YamlOptions,
): { readonly document: Document.Parsed } | { readonly noticed: readonly Noticed[] } {
  const noticed: Noticed[] = [];
  try {
    const document = parsed(text, options, { lines, noticed });
    if (document.errors.length === 0) return { document };
    return { noticed: document.errors.map(({ code, message, pos: [at] }) => ({ at, code, message })) };
  } catch (error) {
    // Some of the parser's parts notice a want of room themselves, others raise.
    if (!(error instanceof Enough)) noticed.unshift({ at: 0, code: "RESOURCE_EXHAUSTION", message: "" });
    return { noticed };
  }
}

/**
 * The parser's own way from words to documents, word by word, so that it can be left. Raises `Enough` at a depth or a number of
 * faults that no sound file has: each costs the parser a good deal more than the word that it stands at.
 */
function parsed(
  text: string,
  { mergesKeys: merge = false }: YamlOptions,
  { lines, noticed }: { readonly lines: LineCounter; readonly noticed: Noticed[] },
): Document.Parsed {
  const notice = (one: Noticed): void => {
    noticed.push(one);
    if (noticed.length >= mostFaults) throw new Enough();
  };
  // The parser itself compares each key with all before it.
  const composer = new Composer({ uniqueKeys: false, stringKeys: true, prettyErrors: false, logLevel: "error", merge });
  hearFaults(composer, notice);
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let document: Document.Parsed | undefined;
  const took = (documents: Iterable<Document.Parsed>): Document.Parsed | undefined => {
    for (const next of documents) {
      if (document !== undefined) {
        notice({ at: next.range[0], code: "MULTIPLE_DOCS", message: "" });
        throw new Enough();
      }
      document = next;
    }
    return document;
  };
  const compose = (tokens: ReturnType<Parser["end"]>): void => {
    for (const token of tokens) {
      if (token.type === "error") notice({ at: token.offset, code: "UNEXPECTED_TOKEN", message: token.message });
      took(composer.next(token));
    }
  };
  for (const word of new Lexer().lex(text)) {
    compose(parser.next(word));
    // A document is around them, and a text may be within.
    if (parser.stack.length <= mostLevels + 2) continue;
    notice({ at: parser.offset, code: "RESOURCE_EXHAUSTION", message: "" });
    throw new Enough();
  }
  compose(parser.end());
  // The last argument but one asks for a document even where the text holds none.
  const read = took(composer.end(true, text.length));
  if (read === undefined) throw new Enough();
  return read;
}

type Heard = readonly [
  source: number | readonly [number, number] | { readonly offset: number },
  code: string,
  message: string,
  isWarning?: boolean,
];

/** The composer offers no way to hear of a fault before all are found: its own ear is a field of it, and is wrapped. */
function hearFaults(composer: Composer, notice: (one: Noticed) => void): void {
  const heard: (...all: Heard) => void = Reflect.get(composer, "onError");
  Reflect.set(composer, "onError", (...all: Heard): void => {
    heard(...all);
    const [source, code, message, isWarning] = all;
    if (isWarning === true) return;
    const at = typeof source === "number" ? source : "offset" in source ? source.offset : source[0];
    notice({ at, code, message });
  });
}

/** Keys that their map has already, and those that no map has; the first ones. */
function wrongKeys(document: Document.Parsed): Noticed[] {
  const wrong: Noticed[] = [];
  const left: unknown[] = [document.contents];
  while (left.length > 0 && wrong.length < mostFaults) {
    const node = left.pop();
    if (isMap(node)) wrong.push(...wrongIn(node));
    if (isPair(node)) left.push(node.value);
    else if (isCollection(node)) for (const item of node.items) left.push(item);
  }
  return wrong.sort((a, b) => a.at - b.at).slice(0, mostFaults);
}

function wrongIn({ items }: YAMLMap): Noticed[] {
  const keys = new Set<unknown>();
  const wrong: Noticed[] = [];
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    const at = key.range?.[0] ?? 0;
    if (keys.has(key.value)) wrong.push({ at, code: "DUPLICATE_KEY", message: "Map keys must be unique" });
    // Whoever copies such a map loses it, or worse.
    else if (key.value === "__proto__") wrong.push({ at, code: "BAD_KEY", message: "__proto__ is no key" });
    keys.add(key.value);
  }
  // A map may hold any number of them.
  return wrong.slice(0, mostFaults);
}

/** So many aliases are followed at most, however they are nested. */
export const mostAliases = 100;

/** The value that one document of YAML or JSON holds; what `readYamlText` says, with its aliases followed. */
export function readYamlValue(text: string): { readonly value: unknown } | { readonly faults: readonly YamlFault[] } {
  const read = readYamlText(text);
  if ("faults" in read) return read;
  try {
    return { value: read.document.toJS({ maxAliasCount: mostAliases }) };
  } catch (error) {
    return { faults: [{ line: 1, column: 1, words: `its aliases can't be followed (${sentenceOf(error)})` }] };
  }
}
