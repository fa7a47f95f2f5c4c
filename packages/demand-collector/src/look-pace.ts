/** Between two looks, in milliseconds. */
export const lookIntervalMs = 250;
/** The same where somebody asked for a look meanwhile: those who ask within this time share one. */
export const askedIntervalMs = 50;
/** A look at no more nodes than this is a light one: where it is slow the machine is busy, not the master with us. */
const lightFleet = 100;
/**
 * Looks take at most this share of the master's time: a large fleet, slow to read, is looked at less often. A small one on
 * a busy machine may take more, for as long as an agent is about to take its first build: one that begins and ends between
 * two looks leaves its slave to a second one. Those that somebody asks for may not: anybody may ask.
 */
const lookShare = { light: 0.5, heavy: 0.2 } as const;

/** When the next look may begin. All times are milliseconds by the monotonic clock. */
export class LookPace {
  #next = 0;
  #nextAsked = 0;

  /** A round has just shown everything; only who asks for it gets a look sooner than the interval. */
  afterRound(now: number): void {
    this.#next = now + lookIntervalMs;
  }

  /** `nodes`: how many it showed. */
  afterLook(look: { readonly began: number; readonly over: number; readonly nodes: number }): void {
    const tookMs = look.over - look.began;
    const share = look.nodes <= lightFleet ? lookShare.light : lookShare.heavy;
    this.#next = look.began + Math.max(lookIntervalMs, tookMs / share);
    this.#nextAsked = look.began + Math.max(askedIntervalMs, tookMs / lookShare.heavy);
  }

  /** A look failed: whatever is asked for, the next round comes first. */
  afterFailure(nextRound: number): void {
    this.#next = nextRound;
    this.#nextAsked = nextRound;
  }

  /** When the next look may begin, if somebody asked for one or if nobody did. */
  next(isAsked: boolean): number {
    return isAsked ? Math.min(this.#nextAsked, this.#next) : this.#next;
  }
}
