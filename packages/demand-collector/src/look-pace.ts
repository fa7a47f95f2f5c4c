/** Between two looks, in milliseconds. */
export const lookIntervalMs = 250;
/** The same where somebody asked for a look meanwhile: those who ask within this time share one. */
export const askedIntervalMs = 50;
/** Looks take at most this share of the master's time: a large fleet, slow to read, is looked at less often. */
export const lookShare = 0.2;

/** When the next look may begin. All times are milliseconds by the monotonic clock. */
export class LookPace {
  #next = 0;
  #nextAsked = 0;

  /** A round has just shown everything; only who asks for it gets a look sooner than the interval. */
  afterRound(now: number): void {
    this.#next = now + lookIntervalMs;
  }

  afterLook(look: { readonly began: number; readonly over: number }): void {
    const restMs = (look.over - look.began) / lookShare;
    this.#next = look.began + Math.max(lookIntervalMs, restMs);
    this.#nextAsked = look.began + Math.max(askedIntervalMs, restMs);
  }

  /** A look failed: whatever is asked for, the next round comes first. */
  afterFailure(nextRound: number): void {
    this.#next = nextRound;
    this.#nextAsked = nextRound;
  }

  /** When the next look may begin, if somebody asked for one or if nobody did. */
  next(isAsked: boolean): number {
    return isAsked ? this.#nextAsked : this.#next;
  }
}
