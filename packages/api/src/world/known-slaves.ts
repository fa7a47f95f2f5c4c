import type { Entry, FollowedBucket } from "@kubestack/bus";
import { buckets, type SlaveRecord } from "@kubestack/contracts";

/**
 * What was read whole longer ago is read anew, in milliseconds: of a record that was purged a marker tells, and not for ever, and
 * a store that was put back may have gone on past what is known of it.
 */
const followedMs = buckets.slaves.markerMs / 2;

export interface SlavesRead {
  readonly records: readonly SlaveRecord[];
  /** How many can't be read, at least: a later release may have written them. */
  readonly unreadable: number;
}

interface Known {
  /** Up to here the bucket was read. */
  readonly revision: number;
  readonly madeAt: number;
  /** When it was read whole. */
  readonly at: number;
  readonly records: ReadonlyMap<string, SlaveRecord>;
  /** What was told of those that can't be read. */
  readonly unreadable: ReadonlySet<string>;
}

export interface KnownSlavesOptions {
  readonly bucket: Pick<FollowedBucket<SlaveRecord>, "info" | "each" | "changes">;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
}

/** The records of all slaves, of which only what changed is read again. One reading at a time. */
export class KnownSlaves {
  readonly #options: KnownSlavesOptions;
  #known: Known | undefined;

  constructor(options: KnownSlavesOptions) {
    this.#options = options;
  }

  /** All of them, as of the call. Raises where NATS does not answer: never none. */
  async all(): Promise<SlavesRead> {
    const { bucket, monotonic } = this.#options;
    const at = monotonic();
    const before = this.#known;
    // Before the reading: what is written meanwhile is read again by the next one.
    const { lastRevision: revision, madeAt } = await bucket.info();
    const isGoingOn =
      before !== undefined && before.madeAt === madeAt && before.revision <= revision && at - before.at < followedMs;
    const known = !isGoingOn
      ? { ...(await this.#readAll()), revision, madeAt, at }
      : before.revision < revision
        ? { ...before, ...(await this.#follow(before)), revision }
        : before;
    this.#known = known;
    return { records: [...known.records.values()], unreadable: known.unreadable.size };
  }

  forget(): void {
    this.#known = undefined;
  }

  async #readAll(): Promise<Pick<Known, "records" | "unreadable">> {
    const records = new Map<string, SlaveRecord>();
    const unreadable = new Set<string>();
    const take = ({ key, value }: Entry<SlaveRecord>) => void records.set(key, value);
    await this.#options.bucket.each(">", take, ({ message }) => void unreadable.add(message));
    return { records, unreadable };
  }

  /** On a copy: what fails in the middle is read again. */
  async #follow({ revision, ...before }: Known): Promise<Pick<Known, "records" | "unreadable">> {
    const records = new Map(before.records);
    const unreadable = new Set(before.unreadable);
    await this.#options.bucket.changes({
      filter: ">",
      after: revision,
      handle: (key, entry) => {
        if (entry === undefined) records.delete(key);
        else records.set(key, entry.value);
      },
      onUnreadable: ({ message }) => void unreadable.add(message),
    });
    return { records, unreadable };
  }
}
