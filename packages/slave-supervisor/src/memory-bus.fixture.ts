import type { Bucket, Bus, Entry } from "@kubestack/bus";
import {
  type Channel,
  type HookDelivery,
  type HookedJob,
  type KeptMaster,
  type KeptPool,
  type KeptTemplate,
  KubestackError,
  type LeaseRecord,
  type Ledger,
  type SharedCapsRecord,
  type SlaveRecord,
  type StoreRecord,
} from "@kubestack/contracts";

/** A bucket in memory, with the real one's compare-and-set. */
export interface MemoryBucket<T extends { op: string }> extends Bucket<T> {
  /** Raised by the next write, before or after it took place; then writes go on as usual. */
  failNext: { error: KubestackError; written: boolean } | undefined;
  readonly entries: Map<string, Entry<T>>;
}

function memoryBucket<T extends { op: string }>(now: () => number): MemoryBucket<T> {
  let revision = 0;
  const entries = new Map<string, Entry<T>>();
  const write = (key: string, body: Omit<T, "op">): Entry<T> => {
    const failure = bucket.failNext;
    bucket.failNext = undefined;
    if (failure !== undefined && !failure.written) throw failure.error;
    revision += 1;
    const entry = { key, value: structuredClone({ ...body, op: `op-${revision}` }) as T, revision };
    entries.set(key, entry);
    if (failure !== undefined) throw failure.error;
    return entry;
  };
  const read = (entry: Entry<T>) => ({ ...entry, value: structuredClone(entry.value), writtenAt: now() });
  const stale = (key: string) => new KubestackError("stale-revision", `${key} was changed by another process.`);
  const bucket: MemoryBucket<T> = {
    failNext: undefined,
    entries,
    get: async (key) => {
      const entry = entries.get(key);
      return entry === undefined ? undefined : read(entry);
    },
    list: async () => [...entries.values()].map(read),
    each: async (_filter, handle) => [...entries.values()].map(read).forEach(handle),
    create: async (key, body) => {
      if (entries.has(key)) throw new KubestackError("already-exists", `${key} exists already.`);
      return write(key, body);
    },
    update: async ({ key, revision: expected }, body) => {
      if (entries.get(key)?.revision !== expected) throw stale(key);
      return write(key, body);
    },
    info: async () => ({ madeAt: 0, lastRevision: revision }),
    remove: async (key, expected) => {
      if (entries.get(key)?.revision !== expected) throw stale(key);
      entries.delete(key);
    },
  };
  return bucket;
}

/** A message that was published, once for each id. */
export interface Published {
  readonly channel: string;
  readonly subject: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

export interface MemoryBus extends Bus {
  readonly slaves: MemoryBucket<SlaveRecord> & Bus["slaves"];
  readonly ledger: MemoryBucket<Ledger>;
  readonly sharedCaps: MemoryBucket<SharedCapsRecord>;
  readonly masters: MemoryBucket<KeptMaster>;
  readonly templates: MemoryBucket<KeptTemplate>;
  readonly leases: MemoryBucket<LeaseRecord>;
  readonly store: MemoryBucket<StoreRecord>;
  readonly published: Published[];
  /** What was asked of other services; nobody answers. */
  readonly asked: { readonly name: string; readonly request: unknown }[];
  /** NATS's time, as the test sets it. */
  time: number;
}

/** What the pieces of a supervisor need of a bus, in memory and with a clock that stands. */
export function memoryBus(): MemoryBus {
  const ids = new Set<string>();
  const notHere = (): never => {
    throw new Error("the bus in memory can't do that");
  };
  const now = (): number => bus.time;
  const bus: MemoryBus = {
    process: "test-1",
    time: 2_000_000,
    published: [],
    asked: [],
    clock: { now, offsetMs: () => 0, measured: () => undefined },
    slaves: Object.assign(memoryBucket<SlaveRecord>(now), { changes: notHere }),
    ledger: memoryBucket<Ledger>(now),
    sharedCaps: memoryBucket<SharedCapsRecord>(now),
    masters: memoryBucket<KeptMaster>(now),
    templates: memoryBucket<KeptTemplate>(now),
    pools: memoryBucket<KeptPool>(now),
    leases: memoryBucket<LeaseRecord>(now),
    store: memoryBucket<StoreRecord>(now),
    hooks: { ...memoryBucket<HookedJob>(now), changes: notHere },
    deliveries: memoryBucket<HookDelivery>(now),
    mend: async () => undefined,
    onReconnect: () => () => undefined,
    publish: async <T>(channel: Channel<T>, subject: string, data: T, how?: { id?: string }) => {
      channel.schema.parse(data);
      if (how?.id !== undefined && ids.has(how.id)) return 0;
      if (how?.id !== undefined) ids.add(how.id);
      bus.published.push({ channel: channel.name, subject, id: how?.id, data });
      return bus.published.length;
    },
    subscribe: notHere,
    readLast: notHere,
    lastSequence: notHere,
    history: notHere,
    lease: notHere,
    request: async (command, request) => {
      bus.asked.push({ name: `${command.service} ${command.name}`, request });
      throw new KubestackError("bus-unavailable", "Nobody answers.");
    },
    requestAll: notHere,
    inquire: notHere,
    serve: notHere,
    closed: new Promise(() => undefined),
    close: async () => undefined,
  };
  return bus;
}

export const busAway = new KubestackError("bus-unavailable", "NATS did not answer.");
