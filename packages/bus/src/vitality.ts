/** How a process answered: it is there, nobody listens on its subject, or nothing came in time. */
export type Sign = "answers" | "nobody" | "silent";

export interface VitalityOptions {
  /** Asks a process by its name for a sign of life. Never rejects. */
  readonly ask: (process: string) => Promise<Sign>;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
}

/** Two times that nobody answers, at least this far apart, in milliseconds, are a death: one may be a reconnect. */
export const deathMs = 1_000;
/** Whoever asks again within this time, in milliseconds, is told the same: many leases have one holder. */
const freshMs = 500;
/** After an interruption of the own connection others may be on their way back, too: for this long nobody is dead, in milliseconds. */
export const reconnectMs = 3_000;
/** Processes remembered at most; names are random, so that old ones gather. */
const limit = 1_000;

interface Known {
  nobodySince: number | undefined;
  askedAt: number;
  answer: Promise<boolean>;
}

/**
 * Tells which processes are dead. One that is slow or stands still is not: its connection is there, and only its leases' end
 * counts. A machine that is lost shows by that, too.
 */
export class Vitality {
  readonly #options: VitalityOptions;
  readonly #known = new Map<string, Known>();
  #believesFrom = Number.NEGATIVE_INFINITY;

  constructor(options: VitalityOptions) {
    this.#options = options;
  }

  /** The own connection was interrupted: what was known does not count, and nobody is dead for a while. */
  reconnected(): void {
    this.#known.clear();
    this.#believesFrom = this.#options.monotonic() + reconnectMs;
  }

  /** Whether the process is dead, as far as is known by now: it takes two questions to find out. */
  isDead(process: string): Promise<boolean> {
    const now = this.#options.monotonic();
    const known = this.#known.get(process);
    if (known !== undefined && now - known.askedAt < freshMs) return known.answer;
    const next: Known = { nobodySince: known?.nobodySince, askedAt: now, answer: Promise.resolve(false) };
    next.answer = this.#ask(process, next);
    this.#known.delete(process);
    this.#known.set(process, next);
    const [oldest] = this.#known.keys();
    if (this.#known.size > limit && oldest !== undefined) this.#known.delete(oldest);
    return next.answer;
  }

  async #ask(process: string, known: Known): Promise<boolean> {
    const sign = await this.#options.ask(process);
    if (sign !== "nobody" || known.askedAt < this.#believesFrom) {
      known.nobodySince = undefined;
      return false;
    }
    known.nobodySince ??= known.askedAt;
    return known.askedAt - known.nobodySince >= deathMs;
  }
}
