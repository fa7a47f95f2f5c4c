import { KubestackError } from "@kubestack/contracts";
import type { Observation } from "@kubestack/explain";
import type { Timing } from "@kubestack/runtime";

/** What was seen so long ago, in milliseconds, still answers: who asks again and again is no load. */
export const freshMs = 1000;
/** A reading that takes longer is given up, in milliseconds. */
const patienceMs = 8000;
/** What nobody asked for within this time, in milliseconds, is forgotten: it may be many megabytes. */
export const forgottenMs = 5 * 60_000;

export interface WorldOptions {
  /** Reads everything. Only one reading is under way at a time. */
  readonly read: () => Promise<Observation>;
  /** Lets go what is kept between two readings. */
  readonly forget: () => void;
  readonly timing: Timing;
}

interface Seen {
  readonly of: Observation;
  /** By the clock that never goes back. */
  readonly begunAt: number;
}

/** Everything that answers are made from, read when somebody asks, and once for all who ask at that time. */
export class World {
  readonly #options: WorldOptions;
  readonly #ending = new AbortController();
  #seen: Seen | undefined;
  #reading: { readonly of: Promise<Observation>; readonly begunAt: number } | undefined;
  #askedAt = 0;
  #idling: Promise<void> | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  /** What is seen by a reading that began a second ago at most. `bus-unavailable` where NATS does not say in time: never an older one. */
  look(): Promise<Observation> {
    const now = this.#options.timing.monotonic();
    this.#askedAt = now;
    const isFresh = ({ begunAt }: Pick<Seen, "begunAt">): boolean => now - begunAt < freshMs;
    if (this.#seen !== undefined && isFresh(this.#seen)) return Promise.resolve(this.#seen.of);
    const reading = this.#reading;
    if (reading === undefined) return this.#begin(now);
    // A reading that began long ago may have missed what the asker means.
    const again = (): Promise<Observation> => this.look();
    return isFresh(reading) ? reading.of : reading.of.then(again, again);
  }

  #begin(begunAt: number): Promise<Observation> {
    const of = this.#read(begunAt).finally(() => {
      this.#reading = undefined;
    });
    this.#reading = { of, begunAt };
    return of;
  }

  /** Ends it: nothing is kept, and nobody waits. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#idling;
    this.#forget();
  }

  async #read(begunAt: number): Promise<Observation> {
    const of = await this.#inTime(this.#options.read());
    this.#seen = { of, begunAt };
    this.#idling ??= this.#forgetWhenIdle().finally(() => {
      this.#idling = undefined;
    });
    return of;
  }

  async #inTime(reading: Promise<Observation>): Promise<Observation> {
    const over = new AbortController();
    const late = this.#options.timing.sleep(patienceMs, AbortSignal.any([over.signal, this.#ending.signal]));
    try {
      const seen = await Promise.race([reading, late]);
      if (seen !== undefined) return seen;
    } finally {
      over.abort();
    }
    throw new KubestackError("bus-unavailable", "NATS did not say in time what there is; ask again in a moment.");
  }

  async #forgetWhenIdle(): Promise<void> {
    const { timing } = this.#options;
    while (this.#seen !== undefined && !this.#ending.signal.aborted) {
      const leftMs = this.#askedAt + forgottenMs - timing.monotonic();
      if (leftMs <= 0) this.#forget();
      else await timing.sleep(leftMs, this.#ending.signal);
    }
  }

  #forget(): void {
    this.#seen = undefined;
    this.#options.forget();
  }
}
