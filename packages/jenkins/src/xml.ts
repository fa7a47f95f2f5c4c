/** One element of a document: its text without its children's, and its children in order. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: string;
  readonly children: XmlElement[];
  text: string;
}

const deepest = 100;
const longest = 8 * 1024 * 1024;

/**
 * Reads the plain XML that masters write (1.0 or 1.1) in one pass. Nothing is fetched and no entity is known but the
 * five predefined ones and characters by number. Null where the text is not well formed, has a document type, is
 * larger than 8 MiB or deeper than 100 elements.
 */
export function readXml(source: string): XmlElement | null {
  if (source.length > longest) return null;
  const stack: OpenElement[] = [{ name: "", attributes: "", children: [], text: "" }];
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf("<", at);
    const top = stack.at(-1);
    if (top === undefined) return null;
    top.text += decodeEntities(source.slice(at, open < 0 ? source.length : open));
    if (open < 0) break;
    const end = markupEnd(source, open);
    if (end < 0) return null;
    const markup = source.slice(open, end);
    if (markup.startsWith("<![CDATA[")) top.text += markup.slice(9, -3);
    else if (markup.startsWith("<!") && !markup.startsWith("<!--")) return null;
    else if (!markup.startsWith("<!--") && !markup.startsWith("<?") && !applyTag(stack, markup)) return null;
    at = end;
  }
  const root = stack[0]?.children[0];
  return stack.length === 1 && root !== undefined ? root : null;
}

/** The first child called `name`. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

function markupEnd(source: string, open: number): number {
  for (const [start, stop] of [
    ["<!--", "-->"],
    ["<![CDATA[", "]]>"],
    ["<?", "?>"],
  ] as const) {
    if (!source.startsWith(start, open)) continue;
    const end = source.indexOf(stop, open + start.length);
    return end < 0 ? -1 : end + stop.length;
  }
  // A quoted attribute may hold ">".
  let quote = "";
  for (let at = open + 1; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return at + 1;
  }
  return -1;
}

function applyTag(stack: OpenElement[], markup: string): boolean {
  const top = stack.at(-1);
  const parent = stack.at(-2);
  if (markup.startsWith("</")) {
    if (top === undefined || parent === undefined || top.name !== markup.slice(2, -1).trim()) return false;
    stack.pop();
    parent.children.push(top);
    return true;
  }
  const isEmpty = markup.endsWith("/>");
  const inside = markup.slice(1, isEmpty ? -2 : -1);
  const space = inside.search(/\s/);
  const name = space < 0 ? inside : inside.slice(0, space);
  const element = { name, attributes: space < 0 ? "" : inside.slice(space).trim(), children: [], text: "" };
  if (name === "" || stack.length > deepest) return false;
  if (isEmpty) top?.children.push(element);
  else stack.push(element);
  return true;
}

const predefined: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{1,5});/gi, (whole, entity: string) => {
    if (!entity.startsWith("#")) return predefined[entity] ?? whole;
    const isHex = entity.charAt(1).toLowerCase() === "x";
    const code = isHex ? Number.parseInt(entity.slice(2), 16) : Number.parseInt(entity.slice(1), 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
