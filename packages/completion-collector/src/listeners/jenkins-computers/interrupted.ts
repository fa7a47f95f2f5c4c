import { hasCode } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { Shown } from "../listener.ts";
import type { Placed } from "./running-builds.ts";

/** At most so many builds are asked about after one reading: a master that has just come up has other things to do. */
const askedAtOnce = 20;
/** A build that the master does not know is over this long after it was missed, in milliseconds: it may be loading still. */
const loadingMs = 60_000;

/** A build that is over, and its result where that is told. */
export interface Over {
  readonly placed: Placed;
  readonly result: string | null;
}

interface Missed {
  readonly placed: Placed;
  readonly at: number;
}

/**
 * Builds that ran before the master was started anew, or while nobody listened, and are not shown since. Freestyle ones
 * died with it, but a pipeline's block waits in the queue for its node: whether a build is over, its own page tells.
 */
export class Interrupted {
  readonly #builds = new Map<string, Missed>();
  #session: string | null | undefined;

  /** Begins anew: what is missing from the next reading may have been interrupted. */
  recall(): void {
    this.#builds.clear();
    this.#session = undefined;
  }

  /** Takes in a reading and what it does not show any more; returns those of the latter that are over for certain. */
  sift(shown: Shown, missing: readonly Placed[]): readonly Placed[] {
    for (const { name, builds } of shown.computers)
      for (const build of builds) this.#builds.delete(keyOf({ node: name, build }));
    const session = shown.kind === "round" ? shown.queue?.session : shown.session;
    if (session === undefined || session === this.#session) return missing;
    if (shown.kind === "round") this.#session = session;
    // A master that tells nothing of its starts runs no pipelines either.
    if (session === null) return missing;
    for (const placed of missing) this.#builds.set(keyOf(placed), { placed, at: shown.readAt });
    return [];
  }

  /** Asks the master about some of those whose end is not known; returns the ones that are over. */
  async settle(master: Pick<Master, "readBuild">, readAt: number): Promise<readonly Over[]> {
    const asked = [...this.#builds].slice(0, askedAtOnce);
    const over = await Promise.all(asked.map(async ([key, missed]) => this.#ask(key, missed, { master, readAt })));
    return over.filter((one) => one !== undefined);
  }

  async #ask(
    key: string,
    missed: Missed,
    { master, readAt }: { master: Pick<Master, "readBuild">; readAt: number },
  ): Promise<Over | undefined> {
    // Those that were not asked for longest come first.
    this.#builds.delete(key);
    try {
      const { building, result } = await master.readBuild(missed.placed.build.url);
      if (!building) return { placed: missed.placed, result };
    } catch (error) {
      if (hasCode(error, "not-found") && readAt - missed.at >= loadingMs)
        return { placed: missed.placed, result: null };
    }
    this.#builds.set(key, missed);
    return undefined;
  }
}

function keyOf({ node, build }: Placed): string {
  return `${node} ${build.url}`;
}
