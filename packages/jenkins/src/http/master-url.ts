import { KubestackError } from "@kubestack/contracts";

/** The master's own address with a trailing slash, so that a context path survives joining. */
export function parseBase(url: string): URL {
  const base = new URL(url);
  base.hash = "";
  base.search = "";
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return base;
}

/** One segment of a path. `.` and `..` are refused: they would climb out of the path, however they are encoded. */
export function segment(name: string): string {
  if (name === "" || name === "." || name === "..") {
    throw new KubestackError("master-refused", `"${name}" cannot be part of a master's address; use a proper name.`, {
      retry: "never",
    });
  }
  return encodeURIComponent(name);
}

/** Joins a relative path (its segments already encoded) and a query to the base. */
export function addressOf(base: URL, path: string, query: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(query).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return `${base.href}${path}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}

/**
 * The part of `url` below one of `roots`, with a trailing slash, or null where it lies under none of them.
 * Masters write their public root address into the links that they hand out, which need not be the one we use.
 */
export function pathBelow(url: string, roots: readonly URL[]): string | null {
  if (!URL.canParse(url)) return null;
  const address = new URL(url);
  if (address.username !== "" || address.password !== "" || address.search !== "" || address.hash !== "") return null;
  for (const root of roots) {
    if (address.origin !== root.origin || !address.pathname.startsWith(root.pathname)) continue;
    const path = address.pathname.slice(root.pathname.length);
    if (path === "" || path.startsWith("/")) continue;
    return path.endsWith("/") ? path : `${path}/`;
  }
  return null;
}

/** A job's full name (`folder/job`) as its address tells it, or null. The address of one of its builds will do as well. */
export function jobNameOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const parts = new URL(url).pathname.split("/");
  const names: string[] = [];
  let at = parts.indexOf("job");
  while (at >= 0 && parts[at] === "job") {
    const name = parts[at + 1];
    if (name === undefined || name === "") break;
    names.push(decode(name));
    at += 2;
  }
  return names.length === 0 ? null : names.join("/");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
