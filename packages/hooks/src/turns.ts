/** Lets only so many be at work at one time, and so many wait for their turn. */
export class Turns {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #working = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Does the work when its turn has come; false, and nothing done, where too many wait already. */
  async take(work: () => Promise<void>): Promise<boolean> {
    if (this.#working >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting) return false;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#working += 1;
    try {
      await work();
    } finally {
      const next = this.#waiting.shift();
      // Who comes next takes the place that becomes free.
      if (next === undefined) this.#working -= 1;
      else next();
    }
    return true;
  }
}
