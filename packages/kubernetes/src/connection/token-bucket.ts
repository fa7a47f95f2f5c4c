/** A limiter of requests a second that allows a burst; it knows no clock, it is told the time. */
export interface TokenBucket {
  /**
   * Takes one token and says how many milliseconds to wait before using it (0: at once).
   * Answers undefined, and takes nothing, where the wait would be longer than `longestWaitMs`.
   */
  take(nowMs: number, longestWaitMs: number): number | undefined;
}

/** A bucket of `burst` tokens that refills by `qps` a second. Tokens may be taken ahead; takers then wait in turn. */
export function createTokenBucket(qps: number, burst: number): TokenBucket {
  let tokens = burst;
  let filledAt: number | undefined;
  return {
    take(nowMs, longestWaitMs) {
      // A clock that steps back must not drain or stop the bucket.
      if (filledAt !== undefined && nowMs > filledAt)
        tokens = Math.min(burst, tokens + ((nowMs - filledAt) * qps) / 1000);
      filledAt = nowMs;
      const waitMs = tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1000) / qps);
      if (waitMs > longestWaitMs) return undefined;
      tokens -= 1;
      return waitMs;
    },
  };
}
