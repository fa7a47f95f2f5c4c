import { randomUUID } from "node:crypto";
import { KubestackError } from "@kubestack/contracts";
import { JetStreamApiError } from "@nats-io/jetstream";
import { type Connection, publishTimeoutMs } from "./connection.ts";
import { storedForm } from "./stored-form.ts";
import type { Entry, Stored, StoredValues } from "./stored-values.ts";

/** The server's code for a write that named another revision than the present one. */
const wrongLastSequence = 10071;
/** How often a write whose answer was lost is settled and tried again. */
const attempts = 8;
/** A reading back that is lost to a reconnect is tried again after this time, in milliseconds. */
const readMs = 1500;

export interface Write<T> {
  readonly key: string;
  readonly body: Omit<T, "op">;
  /** The revision that the key must have; 0: it never existed. */
  readonly expected: number;
  /** The nonce of the value that has it; undefined: none has, for the key never existed or its value was removed. */
  readonly replaces: string | undefined;
  /** Whether the store may be another one than the one that this was read from: the key is read first. */
  readonly isDoubted?: boolean;
  /** The key expires after this time, in milliseconds, whole seconds. */
  readonly ttlMs?: number | undefined;
}

/**
 * Writes a value if its key still has the expected revision, else raises `stale-revision`. A write whose answer was lost,
 * or refused because an earlier try of it had arrived, is settled by reading the key back: the value's own nonce tells. It is
 * done again only once that was read, and shows the very value that is to be replaced: a store that was put back meanwhile
 * gives its revisions a second time.
 */
export async function compareAndSet<T extends { op: string }>(
  { js }: Connection,
  values: StoredValues<T>,
  write: Write<T>,
): Promise<Entry<T>> {
  const value = { ...write.body, op: randomUUID() } as T;
  const payload = storedForm(values.shape.schema.parse(value));
  const put = (): Promise<{ seq: number }> =>
    js.publish(values.subjectOf(write.key), payload, {
      timeout: publishTimeoutMs,
      retries: 1,
      expect: { lastSubjectSequence: write.expected },
      ...(write.ttlMs === undefined ? {} : { ttl: `${Math.max(1, Math.round(write.ttlMs / 1000))}s` }),
    });
  let cause: unknown;
  let isRead = !write.isDoubted;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (isRead) {
      try {
        const { seq } = await put();
        return { key: write.key, value, revision: seq };
      } catch (error) {
        cause = error;
        if (error instanceof JetStreamApiError && error.code !== wrongLastSequence) throw values.refused(error);
      }
    }
    try {
      const settled = settledBy(values, await readBack(values, write.key), { ...write, op: value.op, cause });
      if (settled !== undefined) return settled;
      isRead = true;
    } catch (error) {
      if (error instanceof KubestackError) throw error;
      cause ??= error;
      isRead = false;
      await new Promise((resolve) => setTimeout(resolve, publishTimeoutMs));
    }
  }
  throw values.unavailable(cause);
}

/** Reads the key back. Raises what NATS raises, and where no answer comes in time. */
async function readBack<T extends { op: string }>(values: StoredValues<T>, key: string): Promise<Stored | undefined> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${readMs} ms`)), readMs);
  try {
    return await Promise.race([values.last(key), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The entry if it was written after all; undefined where it was not; raises where something else stands there. */
function settledBy<T extends { op: string }>(
  values: StoredValues<T>,
  last: Stored | undefined,
  { key, op, expected, replaces, cause }: Omit<Write<T>, "body"> & { readonly op: string; readonly cause: unknown },
): Entry<T> | undefined {
  const entry = values.entryIn(key, last);
  if (entry?.value.op === op) return entry;
  if ((last?.seq ?? 0) !== expected || entry?.value.op !== replaces) throw values.stale(key, cause);
  return undefined;
}
