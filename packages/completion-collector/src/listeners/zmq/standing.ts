/** Changes that come back are told in the log no more often than this, in milliseconds. */
export const toldAgainMs = 60_000;

type State = "connected" | "not connected";

/** How the connection to a publisher stands, and what came over it. Times are milliseconds of NATS's time. */
export class Standing {
  readonly #endpoint: string;
  readonly #toldAt = new Map<State, number>();
  #state: State = "not connected";
  #since: number;
  #because = "";
  #heard = 0;
  #unreadable = 0;

  constructor(endpoint: string, now: number) {
    this.#endpoint = endpoint;
    this.#since = now;
  }

  /** Takes in that it is connected. Returns what the log is to be told, if anything. */
  connected(now: number): string | undefined {
    return this.#become("connected", { now, because: "" });
  }

  /** Takes in that it is not connected any more, or still not. Returns what the log is to be told, if anything. */
  lost(because: string, now: number): string | undefined {
    return this.#become("not connected", { now, because });
  }

  heard(): void {
    this.#heard += 1;
  }

  /** Takes in a frame that could not be read. True for the first one: the log is told of no others. */
  unreadable(): boolean {
    this.#unreadable += 1;
    return this.#unreadable === 1;
  }

  /** In one sentence, for people. That nothing was heard is no fault: perhaps nothing was built. */
  describe(): string {
    const why = this.#because === "" ? "" : ` (${this.#because})`;
    const since = new Date(this.#since).toISOString();
    const count = `${this.#heard} messages heard, ${this.#unreadable} of them unreadable`;
    return `${this.#endpoint} ${this.#state} since ${since}${why}, ${count}`;
  }

  #become(state: State, { now, because }: { now: number; because: string }): string | undefined {
    const isNew = state !== this.#state;
    this.#state = state;
    if (isNew) this.#since = now;
    if (because !== "" || isNew) this.#because = because;
    const toldAt = this.#toldAt.get(state);
    if (toldAt !== undefined && (!isNew || now - toldAt < toldAgainMs)) return undefined;
    this.#toldAt.set(state, now);
    return `${this.#endpoint} ${state}${because === "" ? "" : `: ${because}`}`;
  }
}
