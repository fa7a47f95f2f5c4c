/** How long one request may take. */
export interface Timeouts {
  /** Until the connection stands, TLS included. Default 5000. */
  readonly connectMs: number;
  /** From there until the whole answer is here. Default 15000. */
  readonly readMs: number;
}

/** The times of facts about real masters: a healthy one answers in milliseconds, a busy one in a few seconds. */
export const defaultTimeouts: Timeouts = { connectMs: 5_000, readMs: 15_000 };
