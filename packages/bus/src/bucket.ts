import { randomUUID } from "node:crypto";
import { type BucketShape, KubestackError, sentenceOf } from "@kubestack/contracts";
import { JetStreamApiError, type StoredMsg } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { type Connection, publishTimeoutMs } from "./connection.ts";

/** A value and the revision that the next change must name. */
export interface Entry<T> {
  readonly key: string;
  readonly value: T;
  readonly revision: number;
  /** When it was written, in milliseconds of NATS's time. */
  readonly writtenAt: number;
}

/** A KV bucket whose every change is a compare-and-set. */
export interface Bucket<T extends { op: string }> {
  /** The value now, read from the leader; undefined where there is none. */
  get(key: string): Promise<Entry<T> | undefined>;
  /** All values whose keys match (`*` and `>` as in subjects), complete as of the call. What can't be read is told, not thrown. */
  list(filter?: string, onUnreadable?: (problem: KubestackError) => void): Promise<Entry<T>[]>;
  /** Writes a key that must not exist: `already-exists` otherwise. `ttlMs` lets it expire (whole seconds). */
  create(key: string, value: Omit<T, "op">, ttlMs?: number): Promise<Entry<T>>;
  /** Replaces the value that has this revision: `stale-revision` otherwise. */
  update(key: string, value: Omit<T, "op">, revision: number, ttlMs?: number): Promise<Entry<T>>;
  /** Removes the value that has this revision: `stale-revision` otherwise. */
  remove(key: string, revision: number): Promise<void>;
}

const wrongLastSequence = 10071;
/** How often a write whose answer was lost is settled and tried again. */
const attempts = 8;

/** Opens a bucket that `makeStores` made. */
export async function openBucket<T extends { op: string }>(
  { js, jsm }: Connection,
  shape: BucketShape<T>,
): Promise<Bucket<T>> {
  const kv = await new Kvm(js).open(shape.name, { allow_direct: false });
  const stream = `KV_${shape.name}`;
  const subjectOf = (key: string): string => `$KV.${shape.name}.${key}`;

  const raw = async (key: string): Promise<StoredMsg | undefined> =>
    (await jsm.streams.getMessage(stream, { last_by_subj: subjectOf(key) })) ?? undefined;

  const read = (key: string, message: { data: Uint8Array; seq: number; time: Date }): Entry<T> => {
    try {
      const value = shape.schema.parse(JSON.parse(new TextDecoder().decode(message.data)));
      return { key, value, revision: message.seq, writtenAt: message.time.getTime() };
    } catch (error) {
      throw new KubestackError("invalid-message", `${shape.name}/${key} can't be read: ${sentenceOf(error)}`, {
        retry: "never",
        cause: error,
      });
    }
  };

  const get = async (key: string): Promise<Entry<T> | undefined> => {
    const message = await raw(key);
    return message === undefined || message.data.length === 0 ? undefined : read(key, message);
  };

  /** One compare-and-set, settled by reading the nonce back where its answer was lost or refused. */
  const write = async (key: string, body: Omit<T, "op">, expected: number, ttlMs?: number): Promise<Entry<T>> => {
    const value = { ...body, op: randomUUID() } as T;
    const payload = JSON.stringify(shape.schema.parse(value));
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { seq } = await js.publish(subjectOf(key), payload, {
          timeout: publishTimeoutMs,
          retries: 1,
          expect: { lastSubjectSequence: expected },
          ...(ttlMs === undefined ? {} : { ttl: `${Math.max(1, Math.round(ttlMs / 1000))}s` }),
        });
        return { key, value, revision: seq, writtenAt: Number.NaN };
      } catch (error) {
        const refused = error instanceof JetStreamApiError && error.code === wrongLastSequence;
        if (error instanceof JetStreamApiError && !refused) throw unavailable(error);
        const there = await readBack(key, attempt);
        if (there === "unanswered") continue;
        if (there !== undefined && there.data.length > 0) {
          const entry = read(key, there);
          if (entry.value.op === value.op) return entry;
        }
        if ((there?.seq ?? 0) !== expected) throw stale(key, error);
        if (attempt >= attempts) throw unavailable(error);
      }
    }
  };

  const readBack = async (key: string, attempt: number): Promise<StoredMsg | undefined | "unanswered"> => {
    try {
      return await raw(key);
    } catch (error) {
      if (attempt >= attempts) throw unavailable(error);
      return "unanswered";
    }
  };

  const stale = (key: string, cause: unknown): KubestackError =>
    new KubestackError("stale-revision", `${shape.name}/${key} was changed by another process.`, { cause });
  const unavailable = (cause: unknown): KubestackError =>
    new KubestackError("bus-unavailable", `NATS did not answer for bucket ${shape.name}: ${sentenceOf(cause)}`, {
      cause,
    });

  return {
    get,
    list: async (filter = ">", onUnreadable) => {
      const { state } = await jsm.streams.info(stream, { subjects_filter: subjectOf(filter) });
      if (Object.keys(state.subjects ?? {}).length === 0) return [];
      const entries: Entry<T>[] = [];
      // A watch sends all values first, the last of them with nothing behind it.
      const watch = await kv.watch({ key: filter });
      try {
        for await (const entry of watch) {
          const message = { data: entry.value, seq: entry.revision, time: entry.created };
          if (entry.operation === "PUT" && entry.value.length > 0) {
            try {
              entries.push(read(entry.key, message));
            } catch (error) {
              onUnreadable?.(error as KubestackError);
            }
          }
          if (entry.delta === 0) break;
        }
      } finally {
        watch.stop();
      }
      return entries;
    },
    create: async (key, value, ttlMs) => {
      const there = await raw(key);
      if (there !== undefined && there.data.length > 0)
        throw new KubestackError("already-exists", `${shape.name}/${key} exists already.`);
      return write(key, value, there?.seq ?? 0, ttlMs);
    },
    update: write,
    remove: async (key, revision) => {
      try {
        await kv.purge(key, { previousSeq: revision, ttl: `${Math.round(shape.markerMs / 1000)}s` });
      } catch (error) {
        const there = await raw(key);
        if (there === undefined || there.data.length === 0) return;
        if (there.seq !== revision) throw stale(key, error);
        throw unavailable(error);
      }
    },
  };
}
