/** A longer query, in characters, is refused: an address of a build has some hundred. */
const longestQuery = 16 * 1024;

/** What a query names, or what is wrong with it. */
export type Query = { readonly values: ReadonlyMap<string, string> } | { readonly fault: string };

/** What a query may name, with how long the value may be. */
export type Parameters = Readonly<Record<string, { readonly longest: number; readonly isNeeded: boolean }>>;

/** Reads what stands behind the `?` of an address, strictly: what is not understood is said, not passed over. Never raises. */
export function readQuery(text: string, allowed: Parameters): Query {
  if (text.length > longestQuery) return { fault: `the query is longer than ${longestQuery} characters; shorten it` };
  const values = new Map<string, string>();
  for (const part of text.split("&")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    const name = decoded(at < 0 ? part : part.slice(0, at));
    const value = decoded(at < 0 ? "" : part.slice(at + 1));
    if (name === undefined || value === undefined)
      return { fault: "the query is not encoded as UTF-8 with % before each byte; encode it so" };
    const parameter = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    if (parameter === undefined) return { fault: `'${shown(name)}' is not asked for here; leave it out` };
    if (values.has(name)) return { fault: `${name} is there twice; give one` };
    if (value.length > parameter.longest)
      return { fault: `${name} is longer than ${parameter.longest} characters; shorten it` };
    values.set(name, value);
  }
  const missing = Object.entries(allowed).find(([name, { isNeeded }]) => isNeeded && !values.get(name)?.trim());
  return missing === undefined ? { values } : { fault: `${missing[0]} is missing; give it as ?${missing[0]}=…` };
}

/** As a form is written: a `+` is a blank. Undefined where that is no text. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function shown(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}
