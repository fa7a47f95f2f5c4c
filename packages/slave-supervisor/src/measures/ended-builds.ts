import type { SlaveRecord } from "@kubestack/contracts";

/** Builds of one slave whose ends are remembered, the youngest. */
const rememberedOfEach = 64;

/** What is known of one slave's builds. */
interface Known {
  readonly urls: Set<string>;
  count: number;
}

/** How many builds a saved change ended. */
export interface EndedNow {
  readonly builds: number;
  /** Those of them that were more than the slave is meant to run. */
  readonly shared: number;
}

/**
 * Counts builds that ended on slaves, each once. A record knows only its last build's address, so that an end which is
 * told again after the next one's is counted by it twice; here the addresses are remembered as long as the slave lives.
 */
export class EndedBuilds {
  readonly #known = new Map<string, Known>();

  /** Takes in a record that was saved, and the one before it. */
  saved(before: SlaveRecord, after: SlaveRecord): EndedNow {
    const ended = after.life.builds.ran - before.life.builds.ran;
    const now = ended <= 0 ? { builds: 0, shared: 0 } : this.#ended(before, after, ended);
    if (after.state === "deleted") this.#known.delete(after.name);
    return now;
  }

  #ended(before: SlaveRecord, { name, life }: SlaveRecord, ended: number): EndedNow {
    const { current, lastUrl, ran } = before.life.builds;
    const known = this.#known.get(name) ?? { urls: new Set(lastUrl === null ? [] : [lastUrl]), count: ran };
    this.#known.set(name, known);
    const candidates = new Set([current?.url, life.builds.lastUrl].filter((url) => typeof url === "string"));
    candidates.delete(life.builds.current?.url ?? "");
    const again = [...candidates].filter((url) => known.urls.has(url)).length;
    for (const url of candidates) known.urls.add(url);
    for (const url of known.urls) if (known.urls.size > rememberedOfEach) known.urls.delete(url);
    const builds = Math.max(0, ended - again);
    const shared = beyond(life.limits.builds, known.count + builds) - beyond(life.limits.builds, known.count);
    known.count += builds;
    return { builds, shared };
  }
}

function beyond(limit: number, builds: number): number {
  return limit === 0 ? 0 : Math.max(0, builds - limit);
}
