import { isDeepStrictEqual } from "node:util";
import type { Bus, ReadEntry } from "@kubestack/bus";
import {
  hasCode,
  type KeptPool,
  KubestackError,
  keptPoolVersion,
  keys,
  newPoolMemory,
  type PoolMemory,
  type Removal,
} from "@kubestack/contracts";

/** What is remembered of a pool. */
export interface Remembered {
  readonly memory: PoolMemory;
  /** Its nodes that are on their way out. */
  readonly removals: readonly Removal[];
}

export const nothingRemembered: Remembered = { memory: newPoolMemory, removals: [] };

/** What is remembered of all pools, in NATS: written down before anything is done, by compare-and-set, so that of two that decide one wins. */
export class KeptPools {
  readonly #bucket: Bus["pools"];
  #entries = new Map<string, ReadEntry<KeptPool>>();

  constructor(bucket: Bus["pools"]) {
    this.#bucket = bucket;
  }

  /** Reads everything. Raises `bus-unavailable`; what can't be read is told by `onUnreadable`, and its pool is left alone. */
  async read(onUnreadable: (problem: KubestackError) => void): Promise<void> {
    const entries = await this.#bucket.list(undefined, onUnreadable);
    this.#entries = new Map(entries.map((entry) => [entry.value.pool, entry]));
  }

  of(pool: string): Remembered {
    return this.#entries.get(pool)?.value ?? nothingRemembered;
  }

  /**
   * Writes what is different. Raises `stale-revision` where somebody else wrote it meanwhile (all must be read anew then), and
   * `bus-unavailable`.
   */
  async save(pool: string, { memory, removals }: Remembered): Promise<void> {
    const known = this.#entries.get(pool);
    if (known !== undefined && known.value.version > keptPoolVersion)
      throw new KubestackError(
        "stale-revision",
        `What is kept of pool ${pool} is of a later release (version ${known.value.version}): run the same release everywhere.`,
        { retry: "never" },
      );
    const before = known?.value ?? nothingRemembered;
    if (isDeepStrictEqual(before.memory, memory) && isDeepStrictEqual(before.removals, removals)) return;
    const value = { version: keptPoolVersion, pool, memory, removals: [...removals] };
    const written = known === undefined ? await this.#create(pool, value) : await this.#bucket.update(known, value);
    this.#entries.set(pool, written as ReadEntry<KeptPool>);
  }

  async #create(pool: string, value: Omit<KeptPool, "op">) {
    try {
      return await this.#bucket.create(keys.pool(pool), value);
    } catch (error) {
      if (!hasCode(error, "already-exists")) throw error;
      throw new KubestackError("stale-revision", `Somebody else remembers pool ${pool}, too.`, { cause: error });
    }
  }
}
