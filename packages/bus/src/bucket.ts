import { type BucketShape, hasCode, KubestackError, sentenceOf } from "@kubestack/contracts";
import { type KV, Kvm } from "@nats-io/kv";
import { compareAndSet } from "./compare-and-set.ts";
import type { Connection } from "./connection.ts";
import { HeldValues } from "./held-values.ts";
import { unlessSilent } from "./silence.ts";
import { type Entry, type ReadEntry, StoredValues } from "./stored-values.ts";

/** Told of a value that can't be read. */
export type OnUnreadable = (problem: KubestackError) => void;

/** What tells a store that was lost or put back from one that only went on: of neither may ever be less. */
export interface BucketInfo {
  /** When the bucket was made, in milliseconds of NATS's time. */
  readonly madeAt: number;
  /** The revision of the last write. */
  readonly lastRevision: number;
}

/** A KV bucket whose every change is a compare-and-set. */
export interface Bucket<T extends { op: string }> {
  /** The value now, read from the leader; undefined where there is none. */
  get(key: string): Promise<ReadEntry<T> | undefined>;
  /** All values whose keys match (`*` and `>` as in subjects), complete as of the call. What can't be read is told, not thrown. */
  list(filter?: string, onUnreadable?: OnUnreadable): Promise<ReadEntry<T>[]>;
  /** The same, handed over one after the other as they come, for what may be too much to hold; what is written meanwhile may come twice. */
  each(filter: string, handle: (entry: ReadEntry<T>) => void, onUnreadable?: OnUnreadable): Promise<void>;
  /** Writes a key that must not exist: `already-exists` otherwise. `ttlMs` lets it expire (whole seconds). */
  create(key: string, value: Omit<T, "op">, options?: { ttlMs?: number }): Promise<Entry<T>>;
  /**
   * Replaces an entry that was read or written before: `stale-revision` where it was changed since. One from before a break of
   * the connection is read again first, for the store may be another one, whose revisions are given a second time.
   */
  update(entry: Entry<T>, value: Omit<T, "op">, options?: { ttlMs?: number }): Promise<Entry<T>>;
  /** Removes the value that has this revision: `stale-revision` otherwise. */
  remove(key: string, revision: number): Promise<void>;
  /** By the word of the bucket's leader. */
  info(): Promise<BucketInfo>;
}

/** What was written after a revision. */
export interface ChangesOptions<T extends { op: string }> {
  readonly filter: string;
  /** The revision that is known already. */
  readonly after: number;
  /** Handed each key that changed, and what it has now: undefined where that was removed, ran out or can't be read. */
  readonly handle: (key: string, entry: ReadEntry<T> | undefined) => void;
  readonly onUnreadable?: OnUnreadable;
}

/** A bucket that may be followed without reading it whole each time. */
export interface FollowedBucket<T extends { op: string }> extends Bucket<T> {
  /**
   * The keys that changed after a revision, complete as of the call; one that changes meanwhile may come twice. Of one that ran out only the marker tells, for as long as
   * the bucket keeps markers: who did not ask for longer reads the whole anew.
   */
  changes(options: ChangesOptions<T>): Promise<void>;
}

/** Opens a bucket that `makeStores` made. */
export async function openBucket<T extends { op: string }>(
  connection: Connection,
  shape: BucketShape<T>,
): Promise<FollowedBucket<T>> {
  const kv = await open(connection, shape.name);
  const values = new StoredValues(connection.jsm, shape);
  const held = new HeldValues(connection.breaks);
  const eachHeld: Bucket<T>["each"] = (filter, handle, onUnreadable) => {
    const breaks = held.now();
    const take = (_key: string, entry: ReadEntry<T> | undefined): void => {
      if (entry !== undefined) handle(held.got(entry, breaks));
    };
    return each({ connection, kv, values, filter, handle: take, onUnreadable });
  };
  return {
    get: async (key) => {
      const breaks = held.now();
      const entry = values.entryIn(key, await values.last(key));
      return entry && held.got(entry, breaks);
    },
    list: async (filter = ">", onUnreadable) => {
      const entries = new Map<string, ReadEntry<T>>();
      await eachHeld(filter, (entry) => void entries.set(entry.key, entry), onUnreadable);
      return [...entries.values()];
    },
    each: eachHeld,
    changes: ({ handle, ...options }) => {
      const breaks = held.now();
      const take = (key: string, entry: ReadEntry<T> | undefined) => handle(key, entry && held.got(entry, breaks));
      return each({ connection, kv, values, onUnreadable: undefined, ...options, handle: take });
    },
    create: async (key, body, options = {}) => {
      const breaks = held.now();
      return held.got(await create(connection, values, { key, body, ttlMs: options.ttlMs }), breaks);
    },
    update: async (entry, body, options = {}) => {
      const breaks = held.now();
      const { key, revision: expected, value } = entry;
      const isDoubted = held.isFromBefore(value);
      const write = { key, body, expected, replaces: value.op, isDoubted, ttlMs: options.ttlMs };
      return held.got(await compareAndSet(connection, values, write), breaks);
    },
    remove: (key, revision) => remove(kv, values, { key, revision }),
    info: () => info(connection, values),
  };
}

async function info<T extends { op: string }>({ jsm }: Connection, values: StoredValues<T>): Promise<BucketInfo> {
  try {
    const { created, state } = await jsm.streams.info(values.stream);
    return { madeAt: Date.parse(created), lastRevision: state.last_seq };
  } catch (error) {
    throw values.unavailable(error);
  }
}

async function open({ js, jsm, nc }: Connection, name: string): Promise<KV> {
  try {
    await jsm.streams.info(`KV_${name}`);
    return await new Kvm(js).open(name, { allow_direct: false });
  } catch (error) {
    throw new KubestackError(
      "bus-unavailable",
      `NATS at ${nc.getServer()} has no bucket ${name} (${sentenceOf(error)}): no KubeStack has run with it yet, or it is another one's.`,
      { cause: error },
    );
  }
}

/** A key that was never written is expected first; where that is refused, the marker of an earlier life may stand there. */
async function create<T extends { op: string }>(
  connection: Connection,
  values: StoredValues<T>,
  write: { key: string; body: Omit<T, "op">; ttlMs: number | undefined },
): Promise<Entry<T>> {
  try {
    return await compareAndSet(connection, values, { ...write, expected: 0, replaces: undefined });
  } catch (error) {
    if (!hasCode(error, "stale-revision")) throw error;
  }
  const there = await values.last(write.key);
  if (there !== undefined && there.data.length > 0)
    throw new KubestackError("already-exists", `${values.shape.name}/${write.key} exists already.`);
  return compareAndSet(connection, values, { ...write, expected: there?.seq ?? 0, replaces: undefined });
}

/** Values follow each other within this time, in milliseconds: after it the bucket is taken for lost while it was read. */
const silentMs = 5_000;

/**
 * Reads in the order of the revisions, until nothing that the leader has is left. A watch tells, too, how much is behind what
 * it gives, but not truly while keys are written again: it says "nothing", and more comes.
 */
async function each<T extends { op: string }>(of: {
  connection: Connection;
  kv: KV;
  values: StoredValues<T>;
  filter: string;
  handle: (key: string, entry: ReadEntry<T> | undefined) => void;
  after?: number;
  onUnreadable: OnUnreadable | undefined;
}): Promise<void> {
  const { connection, kv, values, filter, handle, after = 0, onUnreadable } = of;
  const lastThere = () => lastRevision(connection, values, filter);
  let last = await lastThere();
  // A watch of nothing never says that it is complete.
  if (last <= after) return;
  const watch = await kv.watch({ key: filter, ...(after === 0 ? {} : { resumeFromRevision: after + 1 }) });
  try {
    for await (const { key, value, revision, created, operation, delta } of unlessSilent(watch, silentMs)) {
      const entry =
        operation === "PUT"
          ? readable(() => values.entryIn(key, { data: value, seq: revision, time: created }), onUnreadable)
          : undefined;
      handle(key, entry);
      if ((delta ?? 0) > 0 && revision < last) continue;
      last = await lastThere();
      if (last <= revision) break;
    }
  } catch (error) {
    throw error instanceof KubestackError ? error : values.unavailable(error);
  } finally {
    watch.stop();
  }
}

/** The revision of the last write to a key that matches, as the leader has it; 0 where there is none. */
async function lastRevision<T extends { op: string }>(
  { jsm }: Connection,
  values: StoredValues<T>,
  filter: string,
): Promise<number> {
  const query = { last_by_subj: values.subjectOf(filter) };
  return (await jsm.streams.getMessage(values.stream, query))?.seq ?? 0;
}

function readable<V>(read: () => V | undefined, onUnreadable: OnUnreadable | undefined): V | undefined {
  try {
    return read();
  } catch (error) {
    onUnreadable?.(error as KubestackError);
    return undefined;
  }
}

async function remove<T extends { op: string }>(
  kv: KV,
  values: StoredValues<T>,
  { key, revision }: { key: string; revision: number },
): Promise<void> {
  try {
    await kv.purge(key, { previousSeq: revision, ttl: `${Math.round(values.shape.markerMs / 1000)}s` });
  } catch (error) {
    const there = await values.last(key);
    if (there === undefined || there.data.length === 0) return;
    throw there.seq === revision ? values.unavailable(error) : values.stale(key, error);
  }
}
