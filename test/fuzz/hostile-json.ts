import type { Random } from "../chaos/random.ts";

/** JSON that stands in place of a value, as texts: some of it no parser of JSON gives back as it was written. */
const values = [
  ...['""', "null", "true", "false", "0", "-0", "-1", "1e999", "1e308", "-1e308", "1e-400", "0.1", "9007199254740993"],
  ...["[]", "{}", "[[]]", "[null]", '[""]', '{"":null}', '{"__proto__":{"a":1}}', '{"constructor":{"name":1}}'],
  ...[
    '{"toString":1}',
    '{"length":-1}',
    '{"then":1}',
    '"\\u0000"',
    '"\\ud800"',
    '"\\u202e"',
    '"__proto__"',
    '"\u2028"',
  ],
  ...['"2026-01-31T12:00:00Z"', '"http://a/"', '"http://"', '"//"', '"job/a/1/"', '"%"', '"‘’"', '"a && (b || !c)"'],
];
const keys = ["__proto__", "constructor", "toString", "", "length", "0", "\u0000", "name", "_class"];

/** Texts that are put in place of values while the rest is written as JSON: nobody else writes such. */
const mark = (number: number): string => `\u0001${number}\u0001`;

/** A sample of JSON with one to four of its values exchanged, left out, doubled, wrapped or joined by others. */
export function mutatedJson(sample: string, random: Random): string {
  const begin = Math.max(0, sample.search(/[[{]/));
  const whole = parsed(sample.slice(begin));
  if (whole === undefined) return sample;
  const root = { whole };
  const raw: string[] = [];
  for (let left = random.between(1, 4); left > 0; left -= 1) change(root, random, raw);
  const text = JSON.stringify(root.whole) ?? "";
  // Only by hand is such a thing written as a depth of a thousand, or as a number that is none.
  return (
    sample.slice(0, begin) + text.replace(/"\\u0001(\d+)\\u0001"/g, (_, number: string) => raw[Number(number)] ?? "")
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Place = { readonly of: Record<string, unknown> | unknown[]; readonly key: string | number };

function change(root: { whole: unknown }, random: Random, raw: string[]): void {
  const places: Place[] = [{ of: root as Record<string, unknown>, key: "whole" }, ...placesIn(root.whole)];
  const { of, key } = random.oneOf(places);
  const put = (value: unknown): void => {
    if (Array.isArray(of)) of[Number(key)] = value;
    else Object.defineProperty(of, key, { value, enumerable: true, configurable: true, writable: true });
  };
  const old = Array.isArray(of) ? of[Number(key)] : of[key];
  const written = (text: string): string => mark(raw.push(text) - 1);
  const kind = random.between(0, 7);
  if (kind <= 2) put(written(random.oneOf(values)));
  else if (kind === 3) put(old === root.whole ? null : [old, old]);
  else if (kind === 4) put(written(longText(random)));
  else if (kind === 5) put(written(deep(random)));
  else if (kind === 6 && Array.isArray(of) && of.length < 1000)
    of.push(...Array.from({ length: random.between(1, 50) }, () => old));
  else if (kind === 6 && !Array.isArray(of) && of !== root) delete of[key];
  else if (typeof old === "object" && old !== null && !Array.isArray(old))
    Object.defineProperty(old, random.oneOf(keys), {
      value: written(random.oneOf(values)),
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const of = value as Record<string, unknown> | unknown[];
  return Object.keys(of).flatMap((key) => [{ of, key }, ...placesIn((of as Record<string, unknown>)[key])]);
}

function longText(random: Random): string {
  const size = random.next() < 0.05 ? 5_000 : random.between(10, 600);
  return JSON.stringify(random.oneOf(["a", "é", "\u0000", "%", "/", " ", "(", "a&&", "job/", "‘"]).repeat(size));
}

function deep(random: Random): string {
  const depth = random.oneOf([5, 50, 500, 2_000]);
  const [open, close] = random.oneOf([
    ["[", "]"],
    ['{"a":', "}"],
  ] as const);
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
}
