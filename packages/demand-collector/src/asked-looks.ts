import type { Computer, LookRequest } from "@kubestack/contracts";
import { parseSlaveName } from "@kubestack/slave";

/** An agent that does not become idle is looked at for no longer than this after it was asked for, in milliseconds. */
export const askedForMs = 10_000;
/** Agents that are looked at because somebody asked, at most; who was asked for first is given up first. */
export const mostAsked = 1000;

interface Asked {
  readonly until: LookRequest["until"];
  /** When it was asked for, in milliseconds by the monotonic clock. */
  readonly since: number;
  /** Whether no reading has begun since. */
  isFresh: boolean;
}

/**
 * Which of our agents somebody asked to be looked at. Also one that has settled long ago is looked at then: a busy one,
 * whose build is said to be over. Whoever asks may be wrong or lie; all that it gets is a look.
 */
export class AskedLooks {
  readonly #master: string;
  readonly #asked = new Map<string, Asked>();
  #busy: readonly string[] = [];

  constructor(master: string) {
    this.#master = master;
  }

  /** Takes a request in. False where it concerns none of our agents. */
  ask({ nodes, until }: Pick<LookRequest, "nodes" | "until">, now: number): boolean {
    const names = nodes.length === 0 ? this.#busy : nodes.filter((name) => this.#isOurs(name));
    for (const name of names) this.#note(name, { until: nodes.length === 0 ? "seen" : until, since: now });
    return names.length > 0;
  }

  /** A reading begins: it will answer what was asked until now, and nothing that is asked while it goes on. */
  begin(): void {
    for (const asked of this.#asked.values()) asked.isFresh = false;
  }

  /** Takes in what the reading that was begun last showed: every computer of the master. */
  saw(computers: readonly Computer[]): void {
    const busy = new Set(computers.filter(({ idle }) => !idle).map(({ name }) => name));
    for (const [name, { isFresh, until }] of this.#asked)
      if (!isFresh && (until === "seen" || !busy.has(name))) this.#asked.delete(name);
    this.#busy = [...busy].filter((name) => this.#isOurs(name));
  }

  /** The agents to look at, at `now`. */
  wanted(now: number): readonly string[] {
    for (const [name, { since }] of this.#asked) if (now - since > askedForMs) this.#asked.delete(name);
    return [...this.#asked.keys()];
  }

  /** Whether something was asked for since the last reading began. */
  isPressing(): boolean {
    return [...this.#asked.values()].some(({ isFresh }) => isFresh);
  }

  #isOurs(name: string): boolean {
    return parseSlaveName(this.#master, name) !== undefined;
  }

  #note(name: string, { until, since }: Pick<Asked, "until" | "since">): void {
    const before = this.#asked.get(name);
    this.#asked.delete(name);
    // Who waits for its end goes on waiting, for its own time, whatever else is told of it.
    const asked = before?.until === "idle" && until === "seen" ? before : { until, since };
    this.#asked.set(name, { ...asked, isFresh: true });
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > mostAsked && oldest !== undefined) this.#asked.delete(oldest);
  }
}
