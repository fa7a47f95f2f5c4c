import { type ErrorCode, KubestackError, type Retry } from "@kubestack/contracts";
import type { CallDescription } from "./call-description.ts";
import { retryAfterMs } from "./retry-after.ts";

/** What the API server answered, as it came. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The parts of a Kubernetes `Status` object that are used. */
export interface ApiStatus {
  readonly reason: string;
  readonly message: string;
}

const longestMessage = 1000;

/** Reads the `Status` that the API server sends with an error; a body that is none becomes the message, shortened. */
export function apiStatusOf(text: string): ApiStatus {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) {
      const { reason, message } = body as { reason?: unknown; message?: unknown };
      return {
        reason: typeof reason === "string" ? reason : "",
        message: (typeof message === "string" ? message : "").slice(0, longestMessage),
      };
    }
  } catch {
    // A proxy in between answers in HTML or plain text.
  }
  return { reason: "", message: text.replaceAll(/\s+/g, " ").trim().slice(0, 200) };
}

interface Meaning {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly remedy: string;
}

function meaningOf(status: number, api: ApiStatus): Meaning {
  switch (status) {
    case 401:
      return {
        code: "credential-refused",
        retry: "backoff",
        remedy: "the credential is not accepted; give a valid token or certificate",
      };
    case 403:
      if (api.message.includes("exceeded quota"))
        return {
          code: "quota-exceeded",
          retry: "backoff",
          remedy: "wait until pods end, or raise the namespace's ResourceQuota",
        };
      // What admission refuses it refuses again. A right may be granted, and an API server that has just started knows none yet.
      if (!/forbidden: User |cannot \w+ resource/.test(api.message))
        return { code: "cluster-refused", retry: "never", remedy: "ask for what the namespace's rules allow" };
      return {
        code: "cluster-refused",
        retry: "backoff",
        remedy: "grant the right to this account (the files deploy/rbac*.yaml list what is needed), or ask for less",
      };
    case 404:
      return { code: "not-found", retry: "never", remedy: "it does not exist" };
    case 409:
      if (api.reason === "AlreadyExists")
        return { code: "already-exists", retry: "never", remedy: "read it, and adopt it only if it is the same one" };
      return { code: "stale-revision", retry: "backoff", remedy: "read the object again and decide anew" };
    case 410:
      return { code: "stale-revision", retry: "backoff", remedy: "the asked revision is no longer kept; list again" };
    case 429:
      return { code: "throttled", retry: "backoff", remedy: "the API server asks for fewer requests; wait" };
    default:
      if (status >= 500 || status === 408)
        return {
          code: "cluster-unavailable",
          retry: "backoff",
          remedy: "see the API server's state; it is tried again",
        };
      return { code: "cluster-refused", retry: "never", remedy: "correct the request" };
  }
}

/** One answer that is no success, as our error: the code to branch on, and a sentence with verb, object, server and the API's own words. */
export function refusalOf(
  call: CallDescription & { readonly server: string },
  answer: Answer,
  nowMs: number,
): KubestackError {
  const api = apiStatusOf(answer.text);
  const meaning = meaningOf(answer.status, api);
  const afterMs = retryAfterMs(answer.headers["retry-after"], nowMs);
  const label = api.reason === "" ? String(answer.status) : `${answer.status} ${api.reason}`;
  const said = api.message === "" ? "" : `: ${api.message}`;
  return new KubestackError(
    meaning.code,
    `Cannot ${call.verb} ${call.object} at ${call.server} (${label})${said}; ${meaning.remedy}.`,
    { retry: meaning.retry === "backoff" && afterMs !== undefined ? { afterMs } : meaning.retry },
  );
}
