import { randomUUID } from "node:crypto";
import { JetStreamApiError } from "@nats-io/jetstream";
import { type Connection, publishTimeoutMs } from "./connection.ts";
import { storedForm } from "./stored-form.ts";
import type { Entry, StoredValues } from "./stored-values.ts";

/** The server's code for a write that named another revision than the present one. */
const wrongLastSequence = 10071;
/** How often a write whose answer was lost is settled and tried again. */
const attempts = 8;

export interface Write<T> {
  readonly key: string;
  readonly body: Omit<T, "op">;
  /** The revision that the key must have; 0: it never existed. */
  readonly expected: number;
  /** The key expires after this time, in milliseconds, whole seconds. */
  readonly ttlMs?: number | undefined;
}

/**
 * Writes a value if its key still has the expected revision, else raises `stale-revision`. A write whose answer was lost,
 * or refused because an earlier try of it had arrived, is settled by reading the key back: the value's own nonce tells.
 */
export async function compareAndSet<T extends { op: string }>(
  { js }: Connection,
  values: StoredValues<T>,
  write: Write<T>,
): Promise<Entry<T>> {
  const value = { ...write.body, op: randomUUID() } as T;
  const payload = storedForm(values.shape.schema.parse(value));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { seq } = await js.publish(values.subjectOf(write.key), payload, {
        timeout: publishTimeoutMs,
        retries: 1,
        expect: { lastSubjectSequence: write.expected },
        ...(write.ttlMs === undefined ? {} : { ttl: `${Math.max(1, Math.round(write.ttlMs / 1000))}s` }),
      });
      return { key: write.key, value, revision: seq };
    } catch (error) {
      const isRefusal = error instanceof JetStreamApiError;
      if (isRefusal && error.code !== wrongLastSequence) throw values.refused(error);
      const settled = await settle(values, { key: write.key, op: value.op, expected: write.expected, cause: error });
      if (settled !== undefined) return settled;
      if (attempt >= attempts) throw values.unavailable(error);
    }
  }
}

/** The entry if it was written after all; undefined where nothing was written, or nobody tells; else raises. */
async function settle<T extends { op: string }>(
  values: StoredValues<T>,
  { key, op, expected, cause }: { key: string; op: string; expected: number; cause: unknown },
): Promise<Entry<T> | undefined> {
  let last: Awaited<ReturnType<typeof values.last>>;
  try {
    last = await values.last(key);
  } catch {
    return undefined;
  }
  const entry = values.entryIn(key, last);
  if (entry?.value.op === op) return entry;
  if ((last?.seq ?? 0) !== expected) throw values.stale(key, cause);
  return undefined;
}
