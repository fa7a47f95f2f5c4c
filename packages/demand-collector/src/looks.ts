import type { Computer } from "@kubestack/contracts";
import { parseSlaveName } from "@kubestack/slave";

/** An agent that is online and idle, or on its way, longer than this is not about to take a build: rounds will do. */
export const lookForMs = 30_000;

/**
 * Which of our agents are about to take their first build, and since when: while there are any, looks are worth their
 * cost. An agent that is still on its way is one of them, since a master hands it a build in the moment it connects, and
 * a short one would be over before the next round. So is one that was handed a build which has not begun there: its
 * executor is taken, and nothing tells by what.
 */
export class LookList {
  readonly #master: string;
  readonly #awaited = new Map<string, { readonly online: boolean; readonly since: number }>();
  #settled = new Set<string>();

  constructor(master: string) {
    this.#master = master;
  }

  /** Takes in what a round or a look showed at `now`. */
  saw(computers: readonly Computer[], now: number): void {
    const shown = new Set<string>();
    for (const { name, online, builds, markedOffline } of computers) {
      if (parseSlaveName(this.#master, name) === undefined) continue;
      shown.add(name);
      if (this.#settled.has(name)) continue;
      if (builds.length > 0 || markedOffline) this.#settle(name);
      else if (this.#awaited.get(name)?.online !== online) this.#awaited.set(name, { online, since: now });
    }
    for (const name of this.#awaited.keys()) if (!shown.has(name)) this.#awaited.delete(name);
    this.#settled = new Set([...this.#settled].filter((name) => shown.has(name)));
  }

  /** The agents worth a look at `now`. */
  wanted(now: number): ReadonlySet<string> {
    const fresh = [...this.#awaited].filter(([, { since }]) => now - since <= lookForMs);
    return new Set(fresh.map(([name]) => name));
  }

  #settle(name: string): void {
    this.#awaited.delete(name);
    this.#settled.add(name);
  }
}
