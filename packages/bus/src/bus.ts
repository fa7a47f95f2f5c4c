import { randomUUID } from "node:crypto";
import {
  type BucketShape,
  buckets,
  type Channel,
  type Command,
  type HookDelivery,
  type HookedJob,
  type KeptMaster,
  type KeptPool,
  type KeptTemplate,
  type KubestackError,
  type LeaseRecord,
  type Ledger,
  type Question,
  type SharedCapsRecord,
  type SlaveRecord,
  type StoreRecord,
  sharedCapsShape,
  subjects,
} from "@kubestack/contracts";
import { RequestError } from "@nats-io/transport-node";
import { ask, askAll, inquire } from "./asking.ts";
import { type Bucket, type FollowedBucket, openBucket } from "./bucket.ts";
import { type MeasuredClock, measuredClock } from "./clock.ts";
import { type Connection, type ConnectOptions, connectNats } from "./connection.ts";
import { tellConnection } from "./connection-news.ts";
import { Duties, type Duty } from "./duties.ts";
import type { Lease, LeaseOptions } from "./lease.ts";
import { type Kept, type Message, Messages, type PublishOptions, type Which } from "./messages.ts";
import { type Service, startService } from "./service.ts";
import { watchStores } from "./store-watch.ts";
import { makeStores } from "./stores.ts";
import { type Sign, Vitality } from "./vitality.ts";

export interface BusOptions extends ConnectOptions {
  /** Copies of each stream: 3 where there are three servers. Default 1. */
  readonly replicas?: number;
  /** Whether missing streams and buckets are made. Default true; who only reads leaves that to the services. */
  readonly makesStores?: boolean;
  /** This machine's clock; default Date.now. */
  readonly ownNow?: () => number;
  /** Told of every message that can't be read: bad input stops nothing. */
  readonly onUnreadable?: (problem: KubestackError) => void;
  /** Told each time that the connection is lost, and each time that it is had again; not of the first one. */
  readonly onConnection?: (isConnected: boolean) => void;
}

/** KubeStack's way to NATS: typed messages, records, leases, commands and NATS's time. */
export interface Bus {
  /** This process, by a name that is random for each start. */
  readonly process: string;
  readonly clock: MeasuredClock;
  readonly slaves: FollowedBucket<SlaveRecord>;
  readonly ledger: Bucket<Ledger>;
  /** All caps that span masters: one value, in the same bucket. */
  readonly sharedCaps: Bucket<SharedCapsRecord>;
  readonly masters: Bucket<KeptMaster>;
  readonly templates: Bucket<KeptTemplate>;
  readonly pools: Bucket<KeptPool>;
  readonly leases: Bucket<LeaseRecord>;
  readonly store: Bucket<StoreRecord>;
  readonly hooks: FollowedBucket<HookedJob>;
  readonly deliveries: Bucket<HookDelivery>;
  /** Makes the streams and buckets that are missing, as after the store was lost; changes nothing where all are there. */
  mend(): Promise<void>;
  /** Calls `handle` after each break of the connection, when it is there again. Returns what ends it. */
  onReconnect(handle: () => void): () => void;
  /** Sends a message; resolves with its sequence when the stream has it on disk (0 where no stream keeps it). */
  publish<T>(channel: Channel<T>, subject: string, data: T, options?: PublishOptions): Promise<number>;
  /** Hears messages from now on; lost ones are never sent again. Returns what ends it. */
  subscribe<T>(channel: Channel<T>, subject: string, handle: (message: Message<T>) => void): () => void;
  /** The newest message of a subject, from the stream's leader; undefined where there is none, or none that can be read. */
  readLast<T>(channel: Channel<T>, subject: string): Promise<Kept<T> | undefined>;
  /** The sequence of a subject's newest message, readable or not; 0 where there is none. */
  lastSequence<T>(channel: Channel<T>, subject: string): Promise<number>;
  /** The kept messages of a subject, oldest first. */
  history<T>(channel: Channel<T>, subject: string, which: Which): Promise<Kept<T>[]>;
  /** Stands by for a service's work for a master, which processes share: see `Duties`. */
  lease(duty: Duty, options?: Partial<LeaseOptions>): Lease;
  /** Asks a service; `bus-unavailable` with "nobody answers" where none runs. Of several processes one answer counts. */
  request<Q, A>(command: Command<Q, A>, request: Q, options?: { master?: string; timeoutMs?: number }): Promise<A>;
  /** Asks every process of a service, and collects what comes until none comes any more; none where none runs. */
  requestAll<Q, A>(command: Command<Q, A>, request: Q, options?: { timeoutMs?: number }): Promise<A[]>;
  /**
   * Asks a program that is not ours: `target-unavailable` where it does not answer or can't be understood, `target-refused` with its
   * own words where it won't.
   */
  inquire<Q, A>(question: Question<Q, A>, request: Q, to: { subject: string; timeoutMs: number }): Promise<A>;
  /** Answers commands as a NATS micro service. */
  serve(name: string, version: string): Promise<Service>;
  /** Resolves when the connection is closed for good. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Connects, makes what is missing, and opens everything. */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const connection = await connectNats(options);
  if (options.onConnection !== undefined) void tellConnection(connection.nc, options.onConnection);
  try {
    if (options.makesStores ?? true) await makeStores(connection, options.replicas);
    return await assemble(connection, options);
  } catch (error) {
    await connection.nc.close();
    throw error;
  }
}

async function assemble(connection: Connection, options: BusOptions): Promise<Bus> {
  const { nc } = connection;
  const ownNow = options.ownNow ?? Date.now;
  const clock = measuredClock(ownNow);
  const process = `${options.name}-${randomUUID().slice(0, 8)}`;
  const open = <T extends { op: string }>(shape: BucketShape<T>): Promise<FollowedBucket<T>> =>
    openBucket(connection, shape);
  const [slaves, ledger, sharedCaps, masters, templates, pools, leases, store, hooks, deliveries] = await Promise.all([
    open(buckets.slaves),
    open(buckets.ledger),
    open(sharedCapsShape),
    open(buckets.masters),
    open(buckets.templates),
    open(buckets.pools),
    open(buckets.leases),
    open(buckets.store),
    open(buckets.hooks),
    open(buckets.deliveries),
  ]);

  nc.subscribe(subjects.alive(process), { callback: (_, message) => void message.respond() });
  const vitality = new Vitality({ ask: (other) => signOf(nc, other), monotonic: () => performance.now() });
  const messages = new Messages({ connection, process, clock, onUnreadable: options.onUnreadable });
  const duties = new Duties({
    bucket: leases,
    process,
    clock,
    ownNow,
    monotonic: () => performance.now(),
    isDead: (other) => vitality.isDead(other),
    publish: messages.publish.bind(messages),
    subscribe: messages.subscribe.bind(messages),
  });
  void tellConnection(nc, (isConnected) => {
    if (!isConnected) return duties.interrupted();
    vitality.reconnected();
    duties.restored();
  });
  const stores = watchStores(connection, options);
  // Buckets that were lost are there only now.
  stores.onReconnect(() => duties.restored());
  return {
    process,
    clock,
    slaves,
    ledger,
    sharedCaps,
    masters,
    templates,
    pools,
    leases,
    store,
    hooks,
    deliveries,
    ...stores,
    publish: messages.publish.bind(messages),
    readLast: (channel, subject) => messages.readLast(channel, subject),
    lastSequence: (channel, subject) => messages.lastSequence(channel, subject),
    subscribe: (channel, subject, handle) => messages.subscribe(channel, subject, handle),
    history: (channel, subject, which) => messages.history(channel, subject, which),
    lease: (duty, more) => duties.lease(duty, more),
    request: async (command, request, how = {}) => {
      const subject = subjects.rpc(command.service, command.name, how.master);
      return ask(connection, command, { subject, request, timeoutMs: how.timeoutMs ?? 5000 });
    },
    requestAll: (command, request, { timeoutMs = 5000 } = {}) =>
      askAll(connection, command, { subject: subjects.rpc(command.service, command.name), request, timeoutMs }),
    inquire: (question, request, { subject, timeoutMs }) =>
      inquire(connection, question, { subject, request, timeoutMs }),
    serve: (name, version) => startService(nc, name, version),
    closed: nc.closed().then(() => undefined),
    close: async () => {
      duties.stop();
      // Draining lets what was published arrive; a server that is gone must not hold up the end.
      await Promise.race([nc.drain(), new Promise((resolve) => setTimeout(resolve, 1000).unref())]).catch(
        () => undefined,
      );
      await nc.close();
    },
  };
}

/** A living process answers at once. */
const signMs = 700;

async function signOf(nc: Connection["nc"], process: string): Promise<Sign> {
  try {
    await nc.request(subjects.alive(process), undefined, { timeout: signMs });
    return "answers";
  } catch (error) {
    return error instanceof RequestError && error.isNoResponders() ? "nobody" : "silent";
  }
}
