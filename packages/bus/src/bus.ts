import { randomUUID } from "node:crypto";
import {
  type BucketShape,
  buckets,
  type Channel,
  type Command,
  KubestackError,
  type LeaseRecord,
  type Ledger,
  type SlaveRecord,
  sentenceOf,
  subjects,
} from "@kubestack/contracts";
import { JetStreamApiError, type JetStreamPublishOptions } from "@nats-io/jetstream";
import type { Msg, Subscription } from "@nats-io/transport-node";
import { type Bucket, openBucket } from "./bucket.ts";
import { type MeasuredClock, measuredClock } from "./clock.ts";
import { type Connection, type ConnectOptions, connectNats, publishRetries, publishTimeoutMs } from "./connection.ts";
import { pack, unpack } from "./envelope.ts";
import { holdLease, type Lease, type LeaseOptions } from "./lease.ts";
import { type Answer, type Service, startService } from "./service.ts";
import { makeStores } from "./stores.ts";

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

export interface BusOptions extends ConnectOptions {
  /** Copies of each stream: 3 where there are three servers. Default 1. */
  readonly replicas?: number;
  /** This machine's clock; default Date.now. */
  readonly ownNow?: () => number;
  /** Told of every message that can't be read: bad input stops nothing. */
  readonly onUnreadable?: (problem: KubestackError) => void;
}

export interface PublishOptions {
  /** Also the `Nats-Msg-Id`: what is sent twice is kept once. Default: random. */
  readonly id?: string;
  /** Refused as `stale-revision` unless the subject's last message has this sequence (0: none). */
  readonly after?: number;
}

/** KubeStack's way to NATS: typed messages, records, leases, commands and NATS's time. */
export interface Bus {
  /** This process, by a name that is random for each start. */
  readonly process: string;
  readonly clock: MeasuredClock;
  readonly slaves: Bucket<SlaveRecord>;
  readonly ledger: Bucket<Ledger>;
  readonly leases: Bucket<LeaseRecord>;
  /** Sends a message; resolves with its sequence when the stream has it on disk (0 where no stream keeps it). */
  publish<T>(channel: Channel<T>, subject: string, data: T, options?: PublishOptions): Promise<number>;
  /** Hears messages from now on; lost ones are never sent again. Returns what ends it. */
  subscribe<T>(channel: Channel<T>, subject: string, handle: (message: Message<T>) => void): () => void;
  /** The newest message of a subject, from the stream's leader. */
  readLast<T>(channel: Channel<T>, subject: string): Promise<Kept<T> | undefined>;
  /** The kept messages of a subject, oldest first, at most `limit` of the newest. */
  history<T>(channel: Channel<T>, subject: string, limit: number): Promise<Kept<T>[]>;
  lease(key: string, options?: Partial<LeaseOptions>): Lease;
  /** Asks a service; `bus-unavailable` with "nobody answers" where none runs. */
  request<Q, A>(command: Command<Q, A>, request: Q, options?: { master?: string; timeoutMs?: number }): Promise<A>;
  /** Answers commands as a NATS micro service. */
  serve(name: string, version: string): Promise<Service>;
  /** Resolves when the connection is closed for good. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Connects, makes what is missing, and opens everything. */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const connection = await connectNats(options);
  try {
    await makeStores(connection, options.replicas);
    return await assemble(connection, options);
  } catch (error) {
    await connection.nc.close();
    throw error;
  }
}

async function assemble(connection: Connection, options: BusOptions): Promise<Bus> {
  const { nc, js, jsm } = connection;
  const ownNow = options.ownNow ?? Date.now;
  const clock = measuredClock(ownNow);
  const process = `${options.name}-${randomUUID().slice(0, 8)}`;
  const open = <T extends { op: string }>(shape: BucketShape<T>): Promise<Bucket<T>> => openBucket(connection, shape);
  const [slaves, ledger, leases] = await Promise.all([
    open(buckets.slaves),
    open(buckets.ledger),
    open(buckets.leases),
  ]);

  const readable = <T>(channel: Channel<T>, message: { subject: string; data: Uint8Array }): Message<T> | undefined => {
    try {
      const { id, data } = unpack(channel, message.data);
      return { subject: message.subject, id, data };
    } catch (error) {
      options.onUnreadable?.(error as KubestackError);
      return undefined;
    }
  };

  const publish: Bus["publish"] = async (channel, subject, data, how = {}) => {
    const id = how.id ?? randomUUID();
    const payload = pack(channel, data, { id, source: `kubestack/${process}`, subject, at: clock.now() });
    if (channel.stream === null) {
      nc.publish(subject, payload);
      return 0;
    }
    const publishing: Partial<JetStreamPublishOptions> = {
      msgID: id,
      timeout: publishTimeoutMs,
      retries: publishRetries,
      ...(how.after === undefined ? {} : { expect: { lastSubjectSequence: how.after } }),
    };
    try {
      return (await js.publish(subject, payload, publishing)).seq;
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) throw unanswered(subject, error);
      const last = await readLast(channel, subject);
      // Refused though it is there: an earlier try arrived and only its answer was lost.
      if (last?.id === id) return last.sequence;
      throw new KubestackError("stale-revision", `${subject} was written by another process.`, { cause: error });
    }
  };

  const readLast: Bus["readLast"] = async (channel, subject) => {
    if (channel.stream === null) return undefined;
    const stored = await jsm.streams.getMessage(channel.stream, { last_by_subj: subject });
    const message = stored === null ? undefined : readable(channel, stored);
    return stored === null || message === undefined
      ? undefined
      : { ...message, sequence: stored.seq, publishedAt: stored.time.getTime() };
  };

  return {
    process,
    clock,
    slaves,
    ledger,
    leases,
    publish,
    readLast,
    subscribe: (channel, subject, handle) => {
      const subscription: Subscription = nc.subscribe(subject, {
        callback: (error: Error | null, raw: Msg) => {
          const message = error === null ? readable(channel, raw) : undefined;
          if (message !== undefined) handle(message);
        },
      });
      return () => subscription.unsubscribe();
    },
    history: async (channel, subject, limit) => {
      if (channel.stream === null) return [];
      const { state } = await jsm.streams.info(channel.stream, { subjects_filter: subject });
      const count = Object.values(state.subjects ?? {}).reduce((sum, of) => sum + of, 0);
      if (count === 0) return [];
      const consumer = await js.consumers.get(channel.stream, { filter_subjects: [subject] });
      const kept: Kept<never>[] = [];
      const batch = await consumer.fetch({ max_messages: count, expires: 5000 });
      let seen = 0;
      for await (const raw of batch) {
        const message = readable(channel, raw);
        if (message !== undefined)
          kept.push({ ...message, sequence: raw.seq, publishedAt: Math.floor(raw.info.timestampNanos / 1e6) } as never);
        if (kept.length > limit) kept.shift();
        seen += 1;
        if (seen >= count || raw.info.pending === 0) break;
      }
      return kept;
    },
    lease: (key, more = {}) =>
      holdLease({ bucket: leases, key, holder: process, clock, ownNow, monotonic: () => performance.now(), ...more }),
    request: async (command, request, how = {}) => {
      const subject = subjects.rpc(command.service, command.name, how.master);
      return ask(connection, command, { subject, request, timeoutMs: how.timeoutMs ?? 5000 });
    },
    serve: (name, version) => startService(nc, name, version),
    closed: nc.closed().then(() => undefined),
    close: async () => {
      // Draining lets what was published arrive; a server that is gone must not hold up the end.
      await Promise.race([nc.drain(), new Promise((resolve) => setTimeout(resolve, 1000).unref())]).catch(
        () => undefined,
      );
      await nc.close();
    },
  };
}

function unanswered(subject: string, cause: unknown): KubestackError {
  return new KubestackError("bus-unavailable", `NATS did not take a message for ${subject}: ${sentenceOf(cause)}`, {
    cause,
  });
}

async function ask<Q, A>(
  { nc }: Connection,
  command: Command<Q, A>,
  { subject, request, timeoutMs }: { subject: string; request: Q; timeoutMs: number },
): Promise<A> {
  let answer: Answer<unknown>;
  try {
    const reply = await nc.request(subject, JSON.stringify(command.request.parse(request)), { timeout: timeoutMs });
    answer = reply.json<Answer<unknown>>();
  } catch (error) {
    throw new KubestackError(
      "bus-unavailable",
      `Nobody answers ${subject}: is ${command.service} running? (${sentenceOf(error)})`,
      { cause: error },
    );
  }
  if ("error" in answer)
    throw new KubestackError(answer.error.code, answer.error.message, { retry: answer.error.retry });
  return command.reply.parse(answer.ok);
}
