import type { Timing } from "@kubestack/runtime";

/** What a poller asks for next: the time of its next round and of its next look, by the monotonic clock. */
export interface Due {
  readonly round: number;
  readonly look: number | undefined;
}

/**
 * Runs rounds and looks one after the other, never two at once, until stopped. A kick makes a round due now; whoever
 * kicked is answered by a round that begins after the kick. Who is woken asks anew what is due.
 */
export class Poller {
  readonly #timing: Timing;
  readonly #ending = new AbortController();
  #waking = new AbortController();
  #kicks: (() => void)[] = [];
  #running: Promise<void> | undefined;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  start(work: { due(): Due; round(): Promise<void>; look(): Promise<void> }): void {
    this.#running = this.#run(work);
  }

  /** Resolves when a round that began after this call is over, or when the poller is stopped. */
  kick(): Promise<void> {
    if (this.#ending.signal.aborted) return Promise.resolve();
    const done = Promise.withResolvers<void>();
    this.#kicks.push(done.resolve);
    this.#waking.abort();
    return done.promise;
  }

  /** Something is due sooner than was said: it is asked for anew, once what runs now is over. */
  wake(): void {
    this.#waking.abort();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#waking.abort();
    await this.#running;
    for (const answer of this.#kicks.splice(0)) answer();
  }

  async #run(work: { due(): Due; round(): Promise<void>; look(): Promise<void> }): Promise<void> {
    while (!this.#ending.signal.aborted) {
      this.#waking = new AbortController();
      const { round, look } = work.due();
      const now = this.#timing.monotonic();
      if (this.#kicks.length > 0 || round <= now) {
        const answered = this.#kicks.splice(0);
        await work.round();
        for (const answer of answered) answer();
      } else if (look !== undefined && look <= now) {
        await work.look();
      } else {
        await this.#timing.sleep(Math.min(round, look ?? round) - now, this.#waking.signal);
      }
    }
  }
}
