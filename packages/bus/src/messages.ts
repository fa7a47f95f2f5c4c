import { randomUUID } from "node:crypto";
import { type Channel, KubestackError, sentenceOf } from "@kubestack/contracts";
import { DeliverPolicy, JetStreamApiError, type JetStreamPublishOptions } from "@nats-io/jetstream";
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

/** Which of a subject's kept messages are read. */
export interface Which {
  /** At most this many, the newest. */
  readonly limit: number;
  /** Only those stored at this time or later, in milliseconds of NATS's time. */
  readonly since?: number;
}

/** A stream is read in pieces of this many messages, each of which may take this long in milliseconds. */
const batchSize = 1000;
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
    const stored = await this.#last(channel, subject);
    const message = stored === null ? undefined : this.#read(channel, stored);
    return stored === null || message === undefined
      ? undefined
      : { ...message, sequence: stored.seq, publishedAt: stored.time.getTime() };
  }

  async lastSequence<T>(channel: Channel<T>, subject: string): Promise<number> {
    return (await this.#last(channel, subject))?.seq ?? 0;
  }

  async #last<T>({ stream }: Channel<T>, subject: string) {
    return stream === null ? null : this.#options.connection.jsm.streams.getMessage(stream, { last_by_subj: subject });
  }

  async history<T>(channel: Channel<T>, subject: string, which: Which): Promise<Kept<T>[]> {
    if (channel.stream === null) return [];
    const { js } = this.#options.connection;
    const consumer = await js.consumers.get(channel.stream, {
      filter_subjects: [subject],
      ...(which.since === undefined
        ? {}
        : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(which.since).toISOString() }),
    });
    const kept: Kept<T>[] = [];
    // What is published meanwhile is not waited for: the count is taken once.
    for (let left = (await consumer.info()).num_pending; left > 0; ) {
      const batch = await consumer.fetch({ max_messages: Math.min(left, batchSize), expires: fetchMs });
      const before = left;
      for await (const raw of batch) {
        left -= 1;
        const message = this.#read(channel, raw);
        if (message !== undefined)
          kept.push({ ...message, sequence: raw.seq, publishedAt: Math.floor(raw.info.timestampNanos / 1e6) });
      }
      if (kept.length > which.limit) kept.splice(0, kept.length - which.limit);
      if (left === before) throw unanswered(subject, new Error("its stream does not send what it holds"));
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
  return new KubestackError("bus-unavailable", `NATS did not answer for ${subject}: ${sentenceOf(cause)}`, {
    cause,
  });
}
