import type { Computer } from "@kubestack/contracts";
import { parseSlaveName } from "@kubestack/slave";

/** Between two looks, in milliseconds. */
export const lookIntervalMs = 250;
/** An agent that is online and idle longer than this is not about to take a build: rounds will do. */
export const lookForMs = 30_000;

/** Which of our agents are online and not yet seen busy, and since when: while there are any, looks are worth their cost. */
export class LookList {
  readonly #master: string;
  readonly #idleSince = new Map<string, number>();
  #settled = new Set<string>();

  constructor(master: string) {
    this.#master = master;
  }

  /** Takes in what a round or a look showed at `now`. */
  saw(computers: readonly Computer[], now: number): void {
    const shown = new Set<string>();
    for (const { name, online, idle } of computers) {
      if (parseSlaveName(this.#master, name) === undefined) continue;
      shown.add(name);
      if (!online || this.#settled.has(name)) continue;
      if (!idle) this.#settle(name);
      else if (!this.#idleSince.has(name)) this.#idleSince.set(name, now);
    }
    for (const name of this.#idleSince.keys()) if (!shown.has(name)) this.#idleSince.delete(name);
    this.#settled = new Set([...this.#settled].filter((name) => shown.has(name)));
  }

  /** The agents worth a look at `now`. */
  wanted(now: number): ReadonlySet<string> {
    for (const [name, since] of this.#idleSince) if (now - since > lookForMs) this.#settle(name);
    return new Set(this.#idleSince.keys());
  }

  #settle(name: string): void {
    this.#idleSince.delete(name);
    this.#settled.add(name);
  }
}
