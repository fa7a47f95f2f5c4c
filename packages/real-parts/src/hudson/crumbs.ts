import type { HttpAnswer } from "../http/request.ts";

/** The proof against forged requests that a master may want with every POST, and the session that it belongs to. */
export interface Crumbs {
  /** Headers to send with a POST; none where the master wants no crumbs. Asked for once. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Whether `answer` complains about a crumb that was sent or missing: then the next `headers` are new ones. */
  areRefused(answer: HttpAnswer): boolean;
}

/** `ask` reads a path below the master's address. */
export function createCrumbs(ask: (path: string) => Promise<HttpAnswer>): Crumbs {
  let known: Promise<Readonly<Record<string, string>>> | undefined;
  const forget = () => {
    known = undefined;
  };
  return {
    headers() {
      known ??= ask("crumbIssuer/api/json").then(headersOf);
      known.catch(forget);
      return known;
    },
    areRefused(answer) {
      const isRefused = answer.status === 403 && /\bcrumb\b/i.test(answer.body);
      if (isRefused) forget();
      return isRefused;
    },
  };
}

/** Anything but a crumb (404 above all) means that none is wanted; the POST itself tells if that is wrong. */
function headersOf(answer: HttpAnswer): Readonly<Record<string, string>> {
  if (answer.status !== 200) return {};
  const { crumb, crumbRequestField } = JSON.parse(answer.body) as { crumb: string; crumbRequestField: string };
  const cookies = [answer.headers["set-cookie"] ?? []].flat().map((cookie) => cookie.split(";", 1)[0]);
  return { [crumbRequestField]: crumb, ...(cookies.length === 0 ? {} : { cookie: cookies.join("; ") }) };
}
