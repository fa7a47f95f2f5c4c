import { KubestackError, type Retry } from "@kubestack/contracts";
import { isHtml, isLoginPage, messageOf, titleOf } from "./page-text.ts";
import type { Answer } from "./send.ts";

/** Whom an answer came from and what was asked, for the sentence. */
export interface Asked {
  readonly master: string;
  readonly user: string;
  readonly base: URL;
  /** What the user is known by. */
  readonly secret: "token" | "password";
  /** What it was asked, as words that follow "was asked": `to show its queue`. */
  readonly what: string;
}

/** A refused credential or a wrong address is mended by a person: asking again every second would only lock accounts. */
const slowly: Retry = { afterMs: 60_000 };

/** The error that an answer stands for, or null where it is a success (2xx, or a redirect within the master after a POST). */
export function refusalOf(answer: Answer, asked: Asked, method: "GET" | "POST"): KubestackError | null {
  const { status } = answer;
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return redirectRefusal(answer, asked, method);
  if (isStranger(answer)) return credentialRefused(answer, asked);
  if (status === 403) return forbidden(answer, asked);
  if (status === 404 || status === 410) return nothingThere(asked);
  if (status === 429) {
    return new KubestackError(
      "throttled",
      `Master ${asked.master}, or what stands before it, asks for fewer requests.`,
      {
        retry: retryAfter(answer),
      },
    );
  }
  if (status >= 500) return serverError(answer, asked);
  const said = sayingOf(answer);
  if (status === 400 && /already exists/i.test(said)) {
    return new KubestackError("already-exists", `Master ${asked.master}: ${said}.`, { retry: "never" });
  }
  return new KubestackError("master-refused", `Master ${asked.master} refused ${asked.what} (${status}): ${said}`, {
    retry: "never",
  });
}

/** The error for a page that the master does not have. */
export function nothingThere({ master, what }: Asked): KubestackError {
  return new KubestackError("not-found", `Master ${master} has nothing there: it was asked ${what}.`, {
    retry: "never",
  });
}

/** Whether the master did not recognise us: 401, or the 403 by which it asks a browser to sign in (Hudson, old Jenkins). */
export function isStranger(answer: Answer): boolean {
  return (
    answer.status === 401 || (answer.status === 403 && answer.text.slice(0, 65536).includes("Authentication required"))
  );
}

/** The error for an answer that should have been JSON of the master and is not. */
export function notAMaster(answer: Answer, asked: Asked): KubestackError {
  const { master, base } = asked;
  const advice = "give the master's own address (its service), not a proxy's";
  const sentence = isLoginPage(answer.text)
    ? `${base.href}, the url of master ${master}, answers with a login page; ${advice}.`
    : isHtml(answer.text)
      ? `${base.href}, the url of master ${master}, answers with a page "${titleOf(answer.text)}" and not as a master; ${advice}.`
      : `${base.href}, the url of master ${master}, does not answer as a Jenkins or Hudson master does; ${advice}.`;
  return new KubestackError("not-a-master", sentence, { retry: slowly });
}

/** Where masters send a browser that is not signed in; a node or job may be called `login` too, but never at the top. */
const ownLogin = /^\/(login$|loginEntry$|securityRealm\/)/;
const anyLogin = /\/(login|signin|sign_in|commenceLogin|oauth2?|openid-connect|saml2?|sso|auth)\b/i;

function redirectRefusal(answer: Answer, asked: Asked, method: "GET" | "POST"): KubestackError | null {
  const to = answer.headers.location ?? "";
  const target = URL.canParse(to, asked.base.href) ? new URL(to, asked.base.href) : null;
  const isOwnHost = target === null || target.host === asked.base.host;
  const path = target?.pathname ?? "";
  const isLogin = isOwnHost ? ownLogin.test(`/${path.slice(asked.base.pathname.length)}`) : anyLogin.test(path);
  if (isLogin && isOwnHost) {
    return new KubestackError(
      "credential-refused",
      `Master ${asked.master} sends user ${asked.user} to its login page when asked ${asked.what}; check user and token.`,
      { retry: slowly },
    );
  }
  if (isLogin) {
    return new KubestackError(
      "not-a-master",
      `${asked.base.href}, the url of master ${asked.master}, redirects to a login page of ${target?.host}; give the master's own address (its service), not a proxy's.`,
      { retry: slowly },
    );
  }
  // Forms answer with a redirect to the page that a browser shows next, under whatever address the master calls its own.
  if (method === "POST") return null;
  return new KubestackError(
    "not-a-master",
    `${asked.base.href}, the url of master ${asked.master}, redirects to ${target?.origin ?? "nowhere"}${target?.pathname ?? ""}; give the address that it leads to.`,
    { retry: slowly },
  );
}

function credentialRefused(answer: Answer, asked: Asked): KubestackError {
  const said = sayingOf(answer);
  const remedy =
    asked.secret === "token"
      ? "make a new API token for this user there, and put it where the configuration says"
      : "correct it where the configuration says, or the user's name";
  return new KubestackError(
    "credential-refused",
    `Master ${asked.master} refused the ${asked.secret} of user ${asked.user}${said === "" ? "" : ` (${said})`}; ${remedy}.`,
    { retry: slowly },
  );
}

function forbidden(answer: Answer, asked: Asked): KubestackError {
  const missing = answer.headers["x-required-permission"];
  const said = sayingOf(answer);
  const remedy = missing === undefined ? "grant it the right that this needs" : `grant it ${missing}`;
  return new KubestackError(
    "credential-refused",
    `Master ${asked.master} refused user ${asked.user} when asked ${asked.what}${said === "" ? "" : ` (${said})`}; ${remedy}.`,
    { retry: slowly },
  );
}

function serverError(answer: Answer, asked: Asked): KubestackError {
  const said = messageOf(answer.text);
  const starting =
    answer.status === 503 && /getting ready|is restarting|starting up/i.test(answer.text.slice(0, 65536));
  const sentence = starting
    ? `Master ${asked.master} is starting and getting ready to work.`
    : `Master ${asked.master} failed when asked ${asked.what}: it answered ${answer.status}${said === "" ? "" : ` (${said})`}.`;
  return new KubestackError("master-unavailable", sentence, { retry: retryAfter(answer) });
}

function sayingOf(answer: Answer): string {
  return answer.headers["x-error"]?.slice(0, 300) ?? messageOf(answer.text);
}

const longestRetryAfterMs = 300_000;

function retryAfter(answer: Answer): Retry {
  const seconds = Number(answer.headers["retry-after"]);
  return Number.isFinite(seconds) && seconds > 0
    ? { afterMs: Math.min(seconds * 1000, longestRetryAfterMs) }
    : "backoff";
}
