/** In which order a world ends: first what runs on its servers, then the servers at once, then their files. */
type Step = "node" | "servers";

/** What has to be ended, whatever has been started so far. */
export class WorldEnds {
  readonly #ends: Record<Step, (() => Promise<unknown>)[]> = { node: [], servers: [] };
  readonly #last: () => Promise<unknown>;
  #running: Promise<void> | undefined;

  constructor(last: () => Promise<unknown>) {
    this.#last = last;
  }

  get hasBegun(): boolean {
    return this.#running !== undefined;
  }

  add(step: Step, end: () => Promise<unknown>): void {
    this.#ends[step].push(end);
  }

  /** Each end is tried whatever became of the others: what is left then is found by whoever looks. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    for (const step of ["node", "servers"] as const)
      await Promise.allSettled(this.#ends[step].map(async (end) => end()));
    await this.#last();
  }
}
