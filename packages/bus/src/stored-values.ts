import { type BucketShape, KubestackError, sentenceOf } from "@kubestack/contracts";
import type { StoredMsg } from "@nats-io/jetstream";
import type { Connection } from "./connection.ts";
import { readStored } from "./stored-form.ts";

/** A value and the revision that the next change must name. */
export interface Entry<T> {
  readonly key: string;
  readonly value: T;
  readonly revision: number;
}

/** An entry that was read. */
export interface ReadEntry<T> extends Entry<T> {
  /** When the server stored it, in milliseconds of NATS's time. */
  readonly writtenAt: number;
}

/** A message of the bucket's stream, as far as it matters here. */
export interface Stored {
  readonly data: Uint8Array;
  readonly seq: number;
  readonly time: Date;
}

/** What a bucket's stream holds, read from its leader: a lagging copy must never decide anything. */
export class StoredValues<T extends { op: string }> {
  readonly shape: BucketShape<T>;
  readonly stream: string;
  readonly #jsm: Connection["jsm"];

  constructor(jsm: Connection["jsm"], shape: BucketShape<T>) {
    this.#jsm = jsm;
    this.shape = shape;
    this.stream = `KV_${shape.name}`;
  }

  subjectOf(key: string): string {
    return `$KV.${this.shape.name}.${key}`;
  }

  /** The key's last message, a marker of its removal or expiry included. */
  async last(key: string): Promise<StoredMsg | undefined> {
    return (await this.#jsm.streams.getMessage(this.stream, { last_by_subj: this.subjectOf(key) })) ?? undefined;
  }

  /** The entry in a message; undefined for a marker, which is empty. */
  entryIn(key: string, message: Stored | undefined): ReadEntry<T> | undefined {
    if (message === undefined || message.data.length === 0) return undefined;
    try {
      const value = this.shape.schema.parse(readStored(message.data));
      return { key, value, revision: message.seq, writtenAt: message.time.getTime() };
    } catch (error) {
      throw new KubestackError("invalid-message", `${this.shape.name}/${key} can't be read: ${sentenceOf(error)}`, {
        retry: "never",
        cause: error,
      });
    }
  }

  stale(key: string, cause: unknown): KubestackError {
    return new KubestackError("stale-revision", `${this.shape.name}/${key} was changed by another process.`, { cause });
  }

  /** The server answered that it does not take the write: most often because the store is full. */
  refused(cause: unknown): KubestackError {
    return new KubestackError(
      "bus-unavailable",
      `NATS takes no write into bucket ${this.shape.name}: ${sentenceOf(cause)}; where it is full, give its server's disk or the stream ${this.stream} more room.`,
      { cause },
    );
  }

  unavailable(cause: unknown): KubestackError {
    return new KubestackError(
      "bus-unavailable",
      `NATS did not answer for bucket ${this.shape.name}: ${sentenceOf(cause)}`,
      { cause },
    );
  }
}
