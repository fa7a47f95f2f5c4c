import { randomUUID } from "node:crypto";
import { type Channel, KubestackError, sentenceOf } from "@kubestack/contracts";
import { JetStreamApiError, type JetStreamPublishOptions } from "@nats-io/jetstream";
import type { Msg } from "@nats-io/transport-node";
import type { BusClock } from "./clock.ts";
import { type Connection, publishRetries, publishTimeoutMs } from "./connection.ts";
import { pack, unpack } from "./envelope.ts";

/** A message as it was received or read. */
export interface Message<T> {
  readonly subject: string;
  readonly id: string;
  readonly data: T;
}

/** A kept message: where it stands in its stream, and when the server stored it. */
export interface Kept<T> extends Message<T> {
  readonly sequence: number;
  /** NATS's time in milliseconds. */
  readonly publishedAt: number;
}

export interface PublishOptions {
  /** Also the `Nats-Msg-Id`: what is sent twice is kept once. Default: random. */
  readonly id?: string;
  /** Refused as `stale-revision` unless the subject's last message has this sequence (0: none). */
  readonly after?: number;
}

export interface MessagesOptions {
  readonly connection: Connection;
  /** Names this process in every message. */
  readonly process: string;
  readonly clock: BusClock;
  /** Told of every message that can't be read: bad input stops nothing. */
  readonly onUnreadable?: ((problem: KubestackError) => void) | undefined;
}

/** Reading a stream's messages may take this long, in milliseconds. */
const fetchMs = 5000;

/** Typed messages over one connection. */
export class Messages {
  readonly #options: MessagesOptions;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  // biome-ignore lint/complexity/useMaxParams: what, where to and with which content read as one sentence at every call.
  async publish<T>(channel: Channel<T>, subject: string, data: T, how: PublishOptions = {}): Promise<number> {
    const { connection, process, clock } = this.#options;
    const id = how.id ?? randomUUID();
    const payload = pack(channel, data, { id, source: `kubestack/${process}`, subject, at: clock.now() });
    if (channel.stream === null) {
      connection.nc.publish(subject, payload);
      return 0;
    }
    const publishing: Partial<JetStreamPublishOptions> = {
      msgID: id,
      timeout: publishTimeoutMs,
      retries: publishRetries,
      ...(how.after === undefined ? {} : { expect: { lastSubjectSequence: how.after } }),
    };
    try {
      return (await connection.js.publish(subject, payload, publishing)).seq;
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) throw unanswered(subject, error);
      const last = await this.readLast(channel, subject);
      // Refused though it is there: an earlier try arrived and only its answer was lost.
      if (last?.id === id) return last.sequence;
      throw new KubestackError("stale-revision", `${subject} was written by another process.`, { cause: error });
    }
  }

  subscribe<T>(channel: Channel<T>, subject: string, handle: (message: Message<T>) => void): () => void {
    const subscription = this.#options.connection.nc.subscribe(subject, {
      callback: (error: Error | null, raw: Msg) => {
        const message = error === null ? this.#read(channel, raw) : undefined;
        if (message !== undefined) handle(message);
      },
    });
    return () => subscription.unsubscribe();
  }

  async readLast<T>(channel: Channel<T>, subject: string): Promise<Kept<T> | undefined> {
    if (channel.stream === null) return undefined;
    const stored = await this.#options.connection.jsm.streams.getMessage(channel.stream, { last_by_subj: subject });
    const message = stored === null ? undefined : this.#read(channel, stored);
    return stored === null || message === undefined
      ? undefined
      : { ...message, sequence: stored.seq, publishedAt: stored.time.getTime() };
  }

  async history<T>(channel: Channel<T>, subject: string, limit: number): Promise<Kept<T>[]> {
    if (channel.stream === null) return [];
    const { jsm, js } = this.#options.connection;
    const { state } = await jsm.streams.info(channel.stream, { subjects_filter: subject });
    const count = Object.values(state.subjects ?? {}).reduce((sum, of) => sum + of, 0);
    if (count === 0) return [];
    const consumer = await js.consumers.get(channel.stream, { filter_subjects: [subject] });
    const kept: Kept<T>[] = [];
    let seen = 0;
    for await (const raw of await consumer.fetch({ max_messages: count, expires: fetchMs })) {
      const message = this.#read(channel, raw);
      if (message !== undefined)
        kept.push({ ...message, sequence: raw.seq, publishedAt: Math.floor(raw.info.timestampNanos / 1e6) });
      if (kept.length > limit) kept.shift();
      seen += 1;
      if (seen >= count || raw.info.pending === 0) break;
    }
    return kept;
  }

  #read<T>(channel: Channel<T>, message: { subject: string; data: Uint8Array }): Message<T> | undefined {
    try {
      const { id, data } = unpack(channel, message.data);
      return { subject: message.subject, id, data };
    } catch (error) {
      this.#options.onUnreadable?.(error as KubestackError);
      return undefined;
    }
  }
}

function unanswered(subject: string, cause: unknown): KubestackError {
  return new KubestackError("bus-unavailable", `NATS did not take a message for ${subject}: ${sentenceOf(cause)}`, {
    cause,
  });
}
