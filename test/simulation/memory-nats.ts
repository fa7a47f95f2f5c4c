import type { Bucket, Bus, Entry, Kept, Message, ReadEntry, Service } from "@kubestack/bus";
import { Duties, measuredClock, Vitality } from "@kubestack/bus/testing";
import {
  type BucketShape,
  buckets,
  type Channel,
  type Command,
  hasCode,
  KubestackError,
  keys,
  sharedCapsShape,
  streams,
  subjects,
} from "@kubestack/contracts";
import { MemoryConnections } from "./memory-connections.ts";
import { MemoryStore, type StoredMessage as Stored, type StoredValue as Value } from "./memory-store.ts";
import type { Process, VirtualTime } from "./virtual-time.ts";

interface Subscription {
  readonly process: Process;
  readonly pattern: RegExp;
  readonly handle: (stored: Pick<Stored, "subject" | "id" | "data">) => void;
}

interface Endpoint {
  readonly process: Process;
  readonly subject: string;
  readonly handle: (request: unknown) => Promise<unknown>;
}

/** What may befall messages to those who listen, each as a part of them. */
export interface MessageFaults {
  readonly lost: number;
  readonly doubled: number;
  readonly delayed: number;
}

/** How long a request of each kind waits for an answer, in milliseconds. */
const patienceMs = 5_000;

/**
 * NATS as KubeStack's services see it, in memory and in virtual time: streams, buckets with compare-and-set and expiry,
 * leases, commands. Messages to those who listen may be lost, doubled, delayed and so overtaken; what is stored is exact.
 */
export class MemoryNats {
  readonly #time: VirtualTime;
  readonly #store = new MemoryStore();
  readonly #subscriptions = new Set<Subscription>();
  readonly #endpoints = new Set<Endpoint>();
  /** Each process's way to it. */
  readonly connections: MemoryConnections;
  #processes = 0;
  faults: MessageFaults = { lost: 0, doubled: 0, delayed: 0 };
  /** Whether nobody is answered. */
  isAway = false;
  /** Its disk is full: it is there, and keeps nothing new. */
  isFull = false;
  /** Whether what is kept of masters is read and written in no time, and draws no lots; where they change it is to take its time. */
  keepsMastersAtOnce = true;

  constructor(time: VirtualTime) {
    this.#time = time;
    this.connections = new MemoryConnections(time);
  }

  /** All that is stored now. */
  snapshot(): MemoryStore {
    return this.#store.snapshot();
  }

  /** The store is lost: the server comes back with an empty one, and every connection breaks for a moment. */
  wipe(): void {
    this.rollBackTo(this.#empty());
  }

  /** Somebody deletes all streams and buckets, and they are made anew: no connection breaks, and nobody is told. */
  deleteAll(): void {
    this.#store.become(this.#empty());
  }

  /** The store is put back to what it was: the same as `wipe`, with an older store. */
  rollBackTo(snapshot: MemoryStore): void {
    this.#store.become(snapshot);
    this.connections.breakAll();
  }

  #empty(): MemoryStore {
    const empty = new MemoryStore();
    empty.madeAt = this.#time.wallClock;
    return empty;
  }

  /** Every message kept under these subjects, oldest first. */
  kept<T>(channel: Channel<T>, subject = ">"): Kept<T>[] {
    const pattern = patternOf(subject);
    return (this.#store.streams.get(channel.stream ?? "") ?? [])
      .filter((stored) => pattern.test(stored.subject))
      .map((stored) => keptOf(channel, stored));
  }

  values<T extends { op: string }>(shape: BucketShape<T>): T[] {
    return this.#living(shape).map(([, { json }]) => shape.schema.parse(JSON.parse(json)));
  }

  /** The value of one key; undefined where there is none. */
  value<T extends { op: string }>(shape: BucketShape<T>, key: string): T | undefined {
    const found = this.#living(shape).find(([one]) => one === key)?.[1];
    return found === undefined ? undefined : shape.schema.parse(JSON.parse(found.json));
  }

  /** A process's connection. `skewMs`: how far its machine's clock is from NATS's. */
  connect(process: Process, skewMs = 0): Bus {
    const time = this.#time;
    this.#processes += 1;
    const name = `${process.name}-${this.#processes}`;
    const ownNow = (): number => time.wallClock + skewMs;
    const clock = measuredClock(ownNow);
    const leases = this.#bucket(buckets.leases);
    this.connections.add(name, process);
    const vitality = new Vitality({ ask: (other) => this.#signOf(other), monotonic: () => time.now });
    const publish: Bus["publish"] = (channel, subject, data, how = {}) =>
      this.#publish(channel, { subject, data, ...how });
    const subscribe: Bus["subscribe"] = (channel, subject, handle) =>
      this.#subscribe(channel, { process, subject, handle });
    const isDead = (other: string) => vitality.isDead(other);
    const monotonic = () => time.now;
    const duties = new Duties({ bucket: leases, process: name, clock, ownNow, monotonic, isDead, publish, subscribe });
    this.connections.onBreak(process, () => duties.interrupted());
    this.connections.onReturn(process, () => {
      vitality.reconnected();
      duties.restored();
    });
    const bus: Bus = {
      process: name,
      clock,
      slaves: {
        ...this.#bucket(buckets.slaves),
        changes: () => Promise.reject(new RangeError("Nobody who follows the slaves is simulated.")),
      },
      ledger: this.#bucket(buckets.ledger),
      sharedCaps: this.#bucket(sharedCapsShape),
      masters: this.#bucket(buckets.masters),
      templates: this.#bucket(buckets.templates),
      pools: this.#bucket(buckets.pools),
      leases,
      store: this.#bucket(buckets.store),
      hooks: {
        ...this.#bucket(buckets.hooks),
        changes: () => Promise.reject(new RangeError("No webhooks are simulated.")),
      },
      deliveries: this.#bucket(buckets.deliveries),
      mend: () => this.#asked("mend the store", () => undefined),
      onReconnect: (handle) => this.connections.onReturn(process, handle),
      publish,
      subscribe,
      readLast: (channel, subject) =>
        this.#asked("read last", () => {
          const last = this.#lastOf(channel.stream ?? "", subject);
          return last === undefined ? undefined : keptOf(channel, last);
        }),
      lastSequence: (channel, subject) =>
        this.#asked("last sequence", () => this.#lastOf(channel.stream ?? "", subject)?.sequence ?? 0),
      history: (channel, subject, { limit, since = 0 }) =>
        this.#asked("history", () =>
          this.kept(channel, subject)
            .filter(({ publishedAt }) => publishedAt >= since)
            .slice(-limit),
        ),
      lease: (duty, more) => duties.lease(duty, more),
      request: (command, request, { master, timeoutMs = patienceMs } = {}) =>
        this.#request(command, { request, subject: subjects.rpc(command.service, command.name, master), timeoutMs }),
      requestAll: () => Promise.reject(new RangeError("Only people ask every process, and none are simulated.")),
      inquire: () => Promise.reject(new RangeError("No program that is not ours is simulated.")),
      serve: async () => this.#serve(process),
      closed: new Promise(() => undefined),
      close: async () => undefined,
    };
    return bus;
  }

  /** There and back again: what is sent arrives, whatever becomes of who sent it; the answer is for who still waits. */
  async #asked<T>(what: string, work: () => T): Promise<T> {
    const time = this.#time;
    const { process } = time;
    // Looking after the store draws no lots: a day's story is the same however often it is done.
    const isAtOnce = what.endsWith("store") || (this.keepsMastersAtOnce && what.endsWith(buckets.masters.name));
    const wayMs = (): number => (isAtOnce ? 0 : time.between(0.2, 2));
    await time.sent(what, wayMs());
    if (this.connections.isBroken(process)) await this.connections.whole(process);
    if (this.isAway) {
      await time.passed(patienceMs);
      throw new KubestackError("bus-unavailable", "NATS did not answer.");
    }
    const isWrite = /^(publish|create|update|remove) /.test(what);
    const outcome = attempt(this.isFull && isWrite ? refuseToKeep : work);
    await time.passed(wayMs());
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  /** As the server tells: see `MemoryConnections`. */
  async #signOf(name: string): Promise<"answers" | "nobody" | "silent"> {
    const time = this.#time;
    const asker = time.process;
    await time.arrived(time.between(0.2, 2));
    if (this.connections.isBroken(asker)) await this.connections.whole(asker);
    const state = this.connections.stateOf(name);
    await time.passed(this.isAway || state === "stopped" ? 700 : time.between(0.2, 2));
    if (this.isAway || state === "stopped") return "silent";
    return state === "runs" ? "answers" : "nobody";
  }

  #publish<T>(channel: Channel<T>, sent: { subject: string; data: T; id?: string; after?: number }): Promise<number> {
    const { subject, after } = sent;
    const data = JSON.stringify(channel.schema.parse(sent.data));
    const { stream } = channel;
    const id = sent.id ?? `random-${this.#time.random()}`;
    if (stream === null) {
      if (!this.isAway && !this.connections.isBroken(this.#time.process)) this.#tell({ subject, id, data });
      return Promise.resolve(0);
    }
    return this.#asked(`publish ${channel.name}`, () => {
      if (this.#store.ids.has(id)) return this.#lastOf(stream, subject)?.sequence ?? 0;
      if (after !== undefined && (this.#lastOf(stream, subject)?.sequence ?? 0) !== after)
        throw new KubestackError("stale-revision", `${subject} was written by another process.`);
      this.#store.ids.add(id);
      this.#store.sequence += 1;
      const stored = { subject, id, data, sequence: this.#store.sequence, publishedAt: this.#time.wallClock };
      const all = this.#store.streams.get(stream) ?? [];
      const { perSubject } = streams[stream];
      const others = perSubject === 1 ? all.filter((one) => one.subject !== subject) : all;
      this.#store.streams.set(stream, [...others, stored]);
      this.#tell(stored);
      return stored.sequence;
    });
  }

  #lastOf(stream: string, subject: string): Stored | undefined {
    return this.#store.streams.get(stream)?.findLast((one) => one.subject === subject);
  }

  #tell(stored: Pick<Stored, "subject" | "id" | "data">): void {
    const time = this.#time;
    const { lost, doubled, delayed } = this.faults;
    for (const { process, pattern, handle } of this.#subscriptions) {
      if (this.connections.isBroken(process) || !pattern.test(stored.subject) || time.chance(lost)) continue;
      for (let copies = time.chance(doubled) ? 2 : 1; copies > 0; copies -= 1)
        time.in(time.chance(delayed) ? time.between(0, 9_000) : time.between(0.2, 2), () => handle(stored), process);
    }
  }

  #subscribe<T>(
    channel: Channel<T>,
    to: { process: Process; subject: string; handle: (message: Message<T>) => void },
  ): () => void {
    const subscription: Subscription = {
      process: to.process,
      pattern: patternOf(to.subject),
      handle: ({ subject, id, data }) => to.handle({ subject, id, data: channel.schema.parse(JSON.parse(data)) }),
    };
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }

  #living({ name, schema }: { readonly name: string; readonly schema: unknown }): [string, Value][] {
    const { wallClock } = this.#time;
    // Two shapes share one bucket: what is of the other one could not be read.
    const isShared = schema === sharedCapsShape.schema;
    const isOfShape = (key: string) => (key === keys.sharedCaps) === isShared;
    const all = [...(this.#store.buckets.get(name) ?? [])];
    return all.filter(([key, { expiresAt }]) => expiresAt > wallClock && isOfShape(key));
  }

  #bucket<T extends { op: string }>(shape: BucketShape<T>): Bucket<T> {
    const { name, schema } = shape;
    const all = this.#store.bucket(name);
    const find = (key: string): Value | undefined => this.#living(shape).find(([one]) => one === key)?.[1];
    const read = (key: string, { json, revision, writtenAt }: Value): ReadEntry<T> => ({
      key,
      value: schema.parse(JSON.parse(json)),
      revision,
      writtenAt,
    });
    const write = (key: string, body: Omit<T, "op">, ttlMs = Number.POSITIVE_INFINITY): Entry<T> => {
      this.#store.sequence += 1;
      const value = schema.parse({ ...body, op: `op-${this.#store.sequence}` });
      const writtenAt = this.#time.wallClock;
      this.#store.lastRevisions.set(name, this.#store.sequence);
      all.set(key, {
        json: JSON.stringify(value),
        revision: this.#store.sequence,
        writtenAt,
        expiresAt: writtenAt + ttlMs,
      });
      return { key, value: structuredClone(value), revision: this.#store.sequence };
    };
    const expect = (key: string, revision: number): void => {
      if (find(key)?.revision !== revision)
        throw new KubestackError("stale-revision", `${name}/${key} was changed by another process.`);
    };
    const list = (filter = ">") => {
      const pattern = patternOf(filter);
      return this.#asked(`list ${name}`, () =>
        this.#living(shape)
          .filter(([key]) => pattern.test(key))
          .map(([key, value]) => read(key, value)),
      );
    };
    return {
      info: () =>
        this.#asked(`info ${name} of the store`, () => ({
          madeAt: this.#store.madeAt,
          lastRevision: this.#store.lastRevisions.get(name) ?? 0,
        })),
      get: (key) =>
        this.#asked(`get ${name}`, () => {
          const found = find(key);
          return found === undefined ? undefined : read(key, found);
        }),
      list,
      each: async (filter, handle) => (await list(filter)).forEach(handle),
      create: (key, body, { ttlMs } = {}) =>
        this.#asked(`create ${name}`, () => {
          if (find(key) !== undefined) throw new KubestackError("already-exists", `${name}/${key} exists already.`);
          return write(key, body, ttlMs);
        }),
      update: ({ key, revision }, body, { ttlMs } = {}) =>
        this.#asked(`update ${name}`, () => {
          expect(key, revision);
          return write(key, body, ttlMs);
        }),
      remove: (key, revision) =>
        this.#asked(`remove ${name}`, () => {
          expect(key, revision);
          all.delete(key);
        }),
    };
  }

  async #request<Q, A>(command: Command<Q, A>, asked: { request: Q; subject: string; timeoutMs: number }): Promise<A> {
    const time = this.#time;
    const request = command.request.parse(asked.request);
    await time.sent(`ask ${command.name}`, time.between(0.2, 2));
    const nobody = new KubestackError("bus-unavailable", `Nobody answers ${asked.subject}.`);
    const served = [...this.#endpoints].filter(
      ({ subject, process }) => subject === asked.subject && process.state !== "dead",
    );
    if (served.length === 0 && !this.isAway) throw nobody;
    const answer = Promise.withResolvers<unknown>();
    if (!this.isAway)
      for (const { process, handle } of served)
        time.in(
          0,
          () =>
            void handle(request).then(answer.resolve, (error: unknown) => {
              if (!hasCode(error, "not-owner")) answer.reject(error);
            }),
          process,
        );
    const late = time.in(asked.timeoutMs, () => answer.reject(nobody));
    try {
      const answered = await answer.promise;
      await time.passed(time.between(0.2, 2));
      return command.reply.parse(answered);
    } finally {
      late.run = undefined;
    }
  }

  #serve(process: Process): Service {
    const own: Endpoint[] = [];
    return {
      answer: (command, handle, master) => {
        const endpoint: Endpoint = {
          process,
          subject: subjects.rpc(command.service, command.name, master),
          handle: async (request) => handle(command.request.parse(request)),
        };
        own.push(endpoint);
        this.#endpoints.add(endpoint);
        return () => void this.#endpoints.delete(endpoint);
      },
      known: async () => undefined,
      stop: async () => {
        for (const endpoint of own) this.#endpoints.delete(endpoint);
      },
    };
  }
}

function refuseToKeep(): never {
  throw new KubestackError("bus-unavailable", "NATS takes no write: insufficient resources.");
}

function attempt<T>(work: () => T): { value: T } | { error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

function keptOf<T>(channel: Channel<T>, { subject, id, data, sequence, publishedAt }: Stored): Kept<T> {
  return { subject, id, sequence, publishedAt, data: channel.schema.parse(JSON.parse(data)) };
}

/** Subjects with `*` for one token and `>` for the rest. */
function patternOf(subject: string): RegExp {
  const source = subject
    .split(".")
    .map((token) => (token === "*" ? "[^.]+" : token === ">" ? ".+" : token.replace(/[^A-Za-z0-9_-]/g, "\\$&")))
    .join("\\.");
  return new RegExp(`^${source}$`);
}
