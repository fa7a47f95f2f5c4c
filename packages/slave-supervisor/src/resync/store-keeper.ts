import { createHash, randomUUID } from "node:crypto";
import type { Bus } from "@kubestack/bus";
import { hasCode, KubestackError, keys, type StoreRecord, sentenceOf } from "@kubestack/contracts";
import type { Cluster, StoredLease } from "@kubestack/kubernetes";
import type { Logger, Timing } from "@kubestack/runtime";
import { annotationNames, labelValue } from "@kubestack/templates";
import { epochsIn, type KnownEpochs, knows, merged, textOf } from "./known-epochs.ts";

/** A Lease that nobody has written for this long is over, in milliseconds. */
export const storeLeaseMs = 60_000;
/** Between two writes of the Lease, in milliseconds. */
const renewMs = 15_000;
/** The cluster has so long to answer, in milliseconds. */
const answerMs = 2_500;
/** Between two checks of the store, in milliseconds. */
export const checkMs = 5_000;
/** Between two writes of it while the store goes on, in milliseconds. */
const noteMs = 4_000;
/** A Lease that others write at the same time is tried so often at once. */
const keepTries = 5;
/** Keeps the store's last revisions outside of it, where nothing can put them back with the store. */
const revisionName = "kubestack.io/store-revisions";
/** Keeps which epochs the masters' slaves have had: by them nodes are known as ours, also when the store is lost. */
const epochsName = "kubestack.io/epochs";

/**
 * Which store this process works with. `ours`: the Lease of the installation names it. `unknown`: that could not be read yet;
 * nothing is launched, and nothing is compared. `foreign`: another store, which lives, has the installation; nothing is done.
 */
export interface StoreStanding {
  readonly state: "ours" | "unknown" | "foreign";
  /** Undefined until NATS has answered. */
  readonly id: string | undefined;
  readonly reason: string;
}

/** What a master's supervisor asks about the store. */
export interface StoreView {
  standing(): StoreStanding;
  /** Looks anew, and answers how it stands then. Raises what NATS raises; a cluster that does not answer is no error. */
  check(): Promise<StoreStanding>;
  /** Calls `handle` when it is another store, or another's turn. Returns what ends it. */
  onChange(handle: (standing: StoreStanding) => void): () => void;
  /** Every epoch that a master's slaves are known to have had, in this store or an earlier one. */
  epochsOf(master: string): readonly string[];
  /**
   * Has a master's epochs, the newest last, kept outside of the store, where they outlive it; done when this resolves. Raises
   * where the cluster does not take it: no slave may be made before.
   */
  keepEpochs(master: string, epochs: readonly string[]): Promise<void>;
  /** Nothing of a master's slaves is left anywhere: its epochs need not be kept. */
  forgetEpochs(master: string): void;
}

export interface StoreKeeperOptions {
  readonly install: string;
  readonly namespace: string;
  readonly bus: Bus;
  readonly cluster: Pick<Cluster, "getLease" | "createLease" | "replaceLease">;
  readonly timing: Timing;
  readonly log: Logger;
}

/** A store's age: of nothing in it may there ever be less. */
interface StoreAge {
  /** When the ledgers' bucket was made. */
  readonly madeAt: number;
  /** The last revisions of ledgers and records. */
  readonly revisions: readonly number[];
}

/** A store as it was seen. */
interface Seen extends StoreAge {
  readonly id: string;
}

/**
 * Knows which store this is, and sees to it that an installation has one only. A store has a random id; one that was lost, or
 * put back to an earlier state, gets another one. The Lease `kubestack-<install>` names the store that has the installation:
 * who finds another one there keeps still until that Lease has not been written for a minute, by this process's own clock.
 */
export class StoreKeeper implements StoreView {
  readonly #options: StoreKeeperOptions;
  readonly #handlers = new Set<(standing: StoreStanding) => void>();
  readonly #ends: (() => void)[] = [];
  #standing: StoreStanding = { state: "unknown", id: undefined, reason: "the store was not read yet" };
  #seen: Seen | undefined;
  /** The Lease as it was seen to change last, and when. */
  #lease: { readonly revision: string; readonly at: number } | undefined;
  /** Of the masters: what the Lease keeps, what it is to keep besides, and of whom nothing. */
  #kept: KnownEpochs = new Map();
  #wanted: KnownEpochs = new Map();
  readonly #forgotten = new Set<string>();
  #running: Promise<StoreStanding> | undefined;
  #said = "";

  constructor(options: StoreKeeperOptions) {
    this.#options = options;
  }

  /** Checks from now on by itself. */
  start(): void {
    const check = (): void => void this.check().catch((error: unknown) => this.#say("warn", sentenceOf(error)));
    const timer = setInterval(check, checkMs);
    this.#ends.push(() => clearInterval(timer), this.#options.bus.onReconnect(check));
    check();
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    this.#handlers.clear();
    await this.#running?.catch(() => undefined);
  }

  standing(): StoreStanding {
    return this.#standing;
  }

  onChange(handle: (standing: StoreStanding) => void): () => void {
    this.#handlers.add(handle);
    return () => void this.#handlers.delete(handle);
  }

  epochsOf(master: string): readonly string[] {
    return this.#kept.get(master) ?? [];
  }

  async keepEpochs(master: string, epochs: readonly string[]): Promise<void> {
    if (knows(this.#kept, master, epochs)) return;
    this.#forgotten.delete(master);
    this.#wanted = merged(this.#wanted, new Map([[master, epochs]]));
    // A check that has begun may have read what is wanted before this was; and others write the Lease, too.
    await this.#running?.catch(() => undefined);
    let reason = "";
    for (let tries = 0; tries < keepTries; tries += 1) {
      ({ reason } = await this.check());
      if (knows(this.#kept, master, epochs.slice(-1))) return;
    }
    throw new KubestackError(
      "cluster-unavailable",
      `Lease ${this.#name} does not keep the epoch of master ${master} yet, and no slave is made before: ${reason}`,
    );
  }

  forgetEpochs(master: string): void {
    this.#wanted = merged(this.#wanted, new Map(), new Set([master]));
    this.#forgotten.add(master);
  }

  check(): Promise<StoreStanding> {
    this.#running ??= this.#check().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #check(): Promise<StoreStanding> {
    const { bus } = this.#options;
    await bus.mend();
    let seen = await this.#whichStore();
    try {
      const lease = await this.#inTime(this.#readLease());
      if (await this.#wasPutBack(seen, lease))
        seen = await this.#anotherStore(seen, "it was put back to an earlier state");
      this.#seen = seen;
      this.#become(await this.#inTime(this.#claim(seen, lease)));
    } catch (error) {
      this.#seen = seen;
      const reason = `whether another store has this installation can't be read: ${sentenceOf(error)}`;
      // Nobody can take the Lease either while the cluster is away: what is known stays.
      const { state, id } = this.#standing;
      if (state === "ours" && id === seen.id) this.#say("warn", reason);
      else this.#become({ state: state === "foreign" ? state : "unknown", id: seen.id, reason });
    }
    return this.#standing;
  }

  /** The store's id. A bucket made anew, or one whose last revision went back, is another store. */
  async #whichStore(): Promise<Seen> {
    const { bus } = this.#options;
    const age = await this.#age();
    const entry = await bus.store.get(keys.store);
    if (entry === undefined) return this.#named(age, () => bus.store.create(keys.store, newStore(age)));
    const seen = { ...age, id: entry.value.id };
    if (entry.value.ledgerMadeAt !== age.madeAt) return this.#anotherStore(seen, "its ledgers were made anew");
    if (this.#seen?.id === seen.id && wentBack(age.revisions, this.#seen.revisions))
      return this.#anotherStore(seen, "it was put back to an earlier state");
    return seen;
  }

  async #anotherStore(seen: Seen, why: string): Promise<Seen> {
    const { bus, log } = this.#options;
    const entry = await bus.store.get(keys.store);
    if (entry !== undefined && entry.value.id !== seen.id) return { ...seen, id: entry.value.id };
    log.warn({ store: seen.id }, `NATS's store is not the one it was: ${why}`);
    return this.#named(seen, () =>
      entry === undefined ? bus.store.create(keys.store, newStore(seen)) : bus.store.update(entry, newStore(seen)),
    );
  }

  /** Several processes may find out at once: one names it, the others take its word. */
  async #named({ madeAt, revisions }: StoreAge, write: () => Promise<{ value: StoreRecord }>): Promise<Seen> {
    try {
      return { madeAt, revisions, id: (await write()).value.id };
    } catch (error) {
      if (!hasCode(error, "already-exists", "stale-revision")) throw error;
      const entry = await this.#options.bus.store.get(keys.store);
      if (entry === undefined) throw error;
      return { madeAt, revisions, id: entry.value.id };
    }
  }

  async #age(): Promise<StoreAge> {
    const { bus } = this.#options;
    const [ledgers, records] = await Promise.all([bus.ledger.info(), bus.slaves.info()]);
    return { madeAt: ledgers.madeAt, revisions: [ledgers.lastRevision, records.lastRevision] };
  }

  async #readLease(): Promise<StoredLease | undefined> {
    const { cluster, namespace, timing } = this.#options;
    const lease = await cluster.getLease(namespace, this.#name);
    const revision = lease?.revision ?? "";
    if (this.#lease?.revision !== revision) this.#lease = { revision, at: timing.monotonic() };
    // One that somebody deleted is written again with all that it said.
    if (lease !== undefined) this.#kept = epochsIn(lease.annotations[epochsName]);
    return lease;
  }

  /** Whether the Lease has seen the store further than it is. Who wrote the Lease may only have read the store later. */
  async #wasPutBack(seen: Seen, lease: StoredLease | undefined): Promise<boolean> {
    const noted = (lease?.annotations[revisionName] ?? "").split("/").map(Number);
    if (lease?.holder !== seen.id || !wentBack(seen.revisions, noted)) return false;
    return wentBack((await this.#age()).revisions, noted);
  }

  /** A cluster that does not answer must not hold up what needs NATS alone. */
  async #inTime<T>(work: Promise<T>): Promise<T> {
    const answered = new AbortController();
    const late = this.#options.timing.sleep(answerMs, answered.signal).then(() => {
      throw new KubestackError("cluster-unavailable", `The cluster did not answer within ${answerMs} ms.`);
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      answered.abort();
    }
  }

  /** Writes the Lease where that is this store's turn. */
  async #claim(seen: Seen, lease: StoredLease | undefined): Promise<StoreStanding> {
    const { cluster, namespace, timing, install, bus } = this.#options;
    const unchangedMs = timing.monotonic() - (this.#lease?.at ?? 0);
    const ours: StoreStanding = { state: "ours", id: seen.id, reason: `store ${seen.id} has installation ${install}` };
    if (lease !== undefined && lease.holder !== seen.id && unchangedMs < storeLeaseMs)
      return {
        state: "foreign",
        id: seen.id,
        reason:
          `installation ${install} belongs to another NATS store (${lease.holder}; this one is ${seen.id}), by Lease ${this.#name} ` +
          `in namespace ${namespace}: nothing is done here unless that is not renewed for a minute. ` +
          "Let every process use the same NATS, or give this installation another name (install:).",
      };
    const revisions = seen.revisions.join("/");
    const left = new Set(this.#forgotten);
    const epochs = textOf(merged(this.#kept, this.#wanted, left));
    const isNoted = lease?.annotations[revisionName] === revisions;
    const isFresh = unchangedMs < (isNoted ? renewMs : noteMs) && lease?.annotations[epochsName] === epochs;
    if (lease?.holder === seen.id && this.#standing.state === "ours" && isFresh) return ours;
    const content = {
      name: this.#name,
      labels: { "app.kubernetes.io/managed-by": "kubestack", "kubestack.io/install": labelValue(install) },
      annotations: { [annotationNames.install]: install, [revisionName]: revisions, [epochsName]: epochs },
      holder: seen.id,
      durationSeconds: storeLeaseMs / 1000,
      renewedAt: bus.clock.now(),
    };
    try {
      if (lease === undefined) await cluster.createLease(namespace, content);
      else await cluster.replaceLease(namespace, content, lease.revision);
      this.#kept = epochsIn(epochs);
      // More may be wanted by now than was written.
      this.#wanted = new Map([...this.#wanted].filter(([master, of]) => !knows(this.#kept, master, of.slice(-1))));
      for (const master of left) this.#forgotten.delete(master);
      return ours;
    } catch (error) {
      if (!hasCode(error, "already-exists", "stale-revision")) throw error;
    }
    // Somebody was first: another process with this store most likely.
    const now = await this.#readLease();
    if (now?.holder === seen.id) return ours;
    throw new KubestackError("stale-revision", `Lease ${this.#name} was written by another process; it is read again.`);
  }

  #become(standing: StoreStanding): void {
    const before = this.#standing;
    this.#standing = standing;
    this.#say(standing.state === "ours" ? "info" : "warn", standing.reason);
    const isOther = before.id !== undefined && before.id !== standing.id;
    const isOthers = standing.state === "foreign" && before.state !== "foreign";
    if (isOther || isOthers) for (const handle of this.#handlers) handle(standing);
  }

  #say(level: "info" | "warn", sentence: string): void {
    if (sentence === this.#said) return;
    this.#said = sentence;
    this.#options.log[level]({ install: this.#options.install }, sentence);
  }

  get #name(): string {
    return leaseName(this.#options.install);
  }
}

function wentBack(revisions: readonly number[], before: readonly number[]): boolean {
  return revisions.some((revision, at) => revision < (before[at] ?? 0));
}

function newStore({ madeAt }: StoreAge): Omit<StoreRecord, "op"> {
  return { id: randomUUID(), ledgerMadeAt: madeAt };
}

/** The Lease's name. An installation may be named as it likes, a Lease may not: then a digest stands for the name. */
export function leaseName(install: string): string {
  const plain = `kubestack-${install}`;
  if (/^[a-z0-9]([a-z0-9-]{0,230}[a-z0-9])?$/.test(plain)) return plain;
  return `kubestack-x-${createHash("sha256").update(install).digest("hex").slice(0, 40)}`;
}
