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
  /** Those whose build was shown by looks alone: no round has told of it, which is kept, and a look may be lost. */
  readonly #toldByLooks = new Set<string>();

  constructor(master: string) {
    this.#master = master;
  }

  /**
   * Takes in what a round or a look showed at `now`. Returns which of our agents are news: they have come, or have their first
   * build. One that took long to come is shown by a look at others, and perhaps by nothing else. A build stays news until a
   * round has told of it, or it is over.
   */
  saw(computers: readonly Computer[], now: number, by: "round" | "look" = "look"): readonly string[] {
    if (by === "round") this.#toldByLooks.clear();
    const ours = computers.filter(({ name }) => parseSlaveName(this.#master, name) !== undefined);
    const shown = new Set(ours.map(({ name }) => name));
    const news = ours.flatMap((computer) => (this.#isNews(computer, now, by) ? [computer.name] : []));
    for (const name of this.#awaited.keys()) if (!shown.has(name)) this.#awaited.delete(name);
    this.#settled = new Set([...this.#settled].filter((name) => shown.has(name)));
    return news;
  }

  /** The master was started anew: its agents are all on their way again, and what they ran may be over. */
  restarted(): void {
    this.#awaited.clear();
    this.#settled.clear();
    this.#toldByLooks.clear();
  }

  /** The agents worth a look at `now`. */
  wanted(now: number): ReadonlySet<string> {
    const fresh = [...this.#awaited].filter(([, { since }]) => now - since <= lookForMs);
    return new Set(fresh.map(([name]) => name));
  }

  /** Takes one in, and says whether it is news. */
  #isNews({ name, online, builds, markedOffline }: Computer, now: number, by: "round" | "look"): boolean {
    const isAtWork = builds.length > 0;
    if (this.#settled.has(name)) return isAtWork && this.#toldByLooks.has(name);
    if (isAtWork && by === "look") this.#toldByLooks.add(name);
    const wasOnline = this.#awaited.get(name)?.online;
    if (isAtWork || markedOffline) this.#settle(name);
    else if (wasOnline !== online) this.#awaited.set(name, { online, since: now });
    return isAtWork || (online && wasOnline !== true);
  }

  #settle(name: string): void {
    this.#awaited.delete(name);
    this.#settled.add(name);
  }
}
