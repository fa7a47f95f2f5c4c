/** The cookies that one master gave us. A crumb is worth nothing without the session it was made for. */
export interface CookieJar {
  /** The value of the Cookie header, or undefined where there is none to send. */
  header(): string | undefined;
  /** Takes the Set-Cookie headers of an answer. */
  take(setCookies: readonly string[]): void;
  clear(): void;
}

const mostCookies = 20;
const longestCookie = 4096;

/** Names and values only: every request of ours goes to one master, so that domain, path and age decide nothing. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, string>();
  return {
    header() {
      if (cookies.size === 0) return undefined;
      return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    },
    take(setCookies) {
      for (const line of setCookies) {
        const pair = line.split(";", 1)[0] ?? "";
        const at = pair.indexOf("=");
        if (at < 1 || line.length > longestCookie) continue;
        const name = pair.slice(0, at).trim();
        const value = pair.slice(at + 1).trim();
        if (value === "" || /;\s*max-age=0\b/i.test(line)) cookies.delete(name);
        else if (cookies.has(name) || cookies.size < mostCookies) cookies.set(name, value);
      }
    },
    clear() {
      cookies.clear();
    },
  };
}
