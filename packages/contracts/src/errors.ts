/** When the same call may be tried again: never, after the caller's own back-off, or no sooner than the other side asked. */
export type Retry = "never" | "backoff" | { readonly afterMs: number };

/** What went wrong, in words that callers branch on. Message texts are for people and may change. */
export type ErrorCode =
  | "invalid-config"
  | "invalid-message"
  | "master-unavailable"
  | "master-refused"
  | "credential-refused"
  | "not-a-master"
  | "cluster-unavailable"
  | "cluster-refused"
  | "quota-exceeded"
  | "throttled"
  | "already-exists"
  | "not-found"
  | "stale-revision"
  | "not-owner"
  | "bus-unavailable"
  | "target-unavailable"
  | "target-refused"
  | "missing-part";

/** Every error that KubeStack raises on purpose: a code to branch on, one sentence to read, and whether to try again. */
export class KubestackError extends Error {
  readonly code: ErrorCode;
  readonly retry: Retry;

  constructor(code: ErrorCode, message: string, options: { retry?: Retry; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "KubestackError";
    this.code = code;
    this.retry = options.retry ?? "backoff";
  }
}

/** Whether `error` is ours and carries one of `codes`. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is KubestackError {
  return error instanceof KubestackError && codes.includes(error.code);
}

/** The sentence of any thrown value, for logs and reasons; causes are appended once. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return cause === undefined || error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}
