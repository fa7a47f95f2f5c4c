import { isDeepStrictEqual } from "node:util";
import type { Entry } from "@kubestack/bus";
import {
  channels,
  type Forgotten,
  hasCode,
  type KeptMaster,
  KubestackError,
  keptMasterVersion,
  keys,
  type Lift,
  type MasterOrder,
  type OrderRequest,
  subjects,
} from "@kubestack/contracts";
import { liftsAfter, toldLift } from "./lifting.ts";
import type { MasterScope } from "./master-scope.ts";
import { type Launching, launchingOf, orderAfter, toldOrder } from "./ordering.ts";

/** Between two readings that nothing else asks for, in milliseconds. */
const everyMs = 5_000;

const noLifts: readonly Lift[] = [];

const events = { pause: "paused", drain: "draining", resume: "resumed" } as const;

/**
 * How a master stands, as it is kept in NATS: the same for every process, whoever owns it. Only the owner gives orders, so
 * that nothing is launched once one is answered.
 */
export class Standing {
  readonly #scope: MasterScope;
  #kept: Entry<KeptMaster> | undefined;
  #order: MasterOrder | null = null;
  #nextReading = 0;

  constructor(scope: MasterScope) {
    this.#scope = scope;
  }

  /** What is launched now. */
  get launching(): Launching {
    const { name, isListed } = this.#scope.options;
    return launchingOf(this.#kept?.value ?? { master: name, removedAt: null, order: null }, isListed);
  }

  /** Since when the configuration does not name the master, as far as that is kept. */
  get removedAt(): number | undefined {
    return this.#kept?.value.removedAt ?? undefined;
  }

  /** Who gave the master up, and why; undefined while nobody did, and where the configuration names it. */
  get forgotten(): Forgotten | undefined {
    return this.#scope.options.isListed ? undefined : this.#kept?.value.forgotten;
  }

  /** Which holds people lifted, of those that matter still. */
  get lifts(): readonly Lift[] {
    return this.#kept?.value.lifts ?? noLifts;
  }

  /** Whether there is anything to be served: a master that the configuration does not name, and that nothing is kept of, is no more. */
  async isServed(): Promise<boolean> {
    const { bus, name, isListed } = this.#scope.options;
    return isListed || (await bus.masters.get(keys.master(name))) !== undefined;
  }

  /** Reads how it stands, and keeps what must be known of it later. It has to succeed before anything is launched. */
  async read(): Promise<void> {
    const { bus, name, isListed, entry, install } = this.#scope.options;
    const key = keys.master(name);
    this.#nextReading = bus.clock.now() + everyMs;
    for (;;) {
      const found = await bus.masters.get(key);
      this.#kept = found;
      if (found !== undefined) this.#order = found.value.order;
      if (!isListed) return;
      if ((found?.value.version ?? 0) > keptMasterVersion) throw newer(name);
      const entries = { entry: { ...entry }, removedAt: null, forgotten: undefined };
      const now = { version: keptMasterVersion, master: name, install, ...entries };
      try {
        // Where the store was lost, the order that this process knows of outlives it.
        if (found === undefined) this.#kept = await bus.masters.create(key, { ...now, order: this.#order });
        else if (!says(found.value, now)) this.#kept = await bus.masters.update(found, { ...found.value, ...now });
        return;
      } catch (error) {
        // Somebody wrote in between: read again. Each round of this loop follows another process's progress.
        if (!hasCode(error, "already-exists", "stale-revision")) throw error;
      }
    }
  }

  /** Reads it again when it is time to. */
  async readSometimes(now: number): Promise<void> {
    if (now >= this.#nextReading) await this.read();
  }

  /** It is read at the next tick. */
  readSoon(): void {
    this.#nextReading = 0;
  }

  /** Carries a person's order out: kept when this resolves. See `orderAfter` for what is refused. */
  async order(request: OrderRequest): Promise<MasterOrder | null> {
    const { bus, name, log } = this.#scope.options;
    await this.read();
    if (this.#kept === undefined || !this.#scope.options.isListed) throw unkept(name);
    const { value } = this.#kept;
    const at = bus.clock.now();
    const order = orderAfter(value, request, at);
    this.#kept = await bus.masters.update(this.#kept, { ...value, order });
    this.#order = order;
    const told = order === null ? `resumed by ${request.by}` : toldOrder(order);
    log.info({ master: name, wants: request.wants, by: request.by }, `master ${name} is ${told}`);
    const event = events[request.wants];
    const message = { master: name, event, reason: told, at };
    await bus.publish(channels.master, subjects.master(name, event), message).catch(() => undefined);
    return order;
  }

  /** Keeps that a person lifted a hold. */
  async lift(lift: Lift): Promise<void> {
    const { bus, name, log } = this.#scope.options;
    await this.read();
    if (this.#kept === undefined) throw unkept(name);
    const { value } = this.#kept;
    this.#kept = await bus.masters.update(this.#kept, { ...value, lifts: liftsAfter(value.lifts ?? noLifts, lift) });
    const told = toldLift(lift);
    log.info({ master: name, by: lift.by }, told);
    const message = { master: name, event: "hold-lifted" as const, reason: told, at: lift.at };
    await bus.publish(channels.master, subjects.master(name, "hold-lifted"), message).catch(() => undefined);
  }

  /** Keeps that a person gave the master up, which is known to be out of the configuration. */
  async giveUp({ by, reason }: Pick<Forgotten, "by" | "reason">): Promise<void> {
    const { bus, name, log } = this.#scope.options;
    if (this.#kept === undefined) throw unkept(name);
    const { value } = this.#kept;
    this.#kept = await bus.masters.update(this.#kept, { ...value, forgotten: { by, at: bus.clock.now(), reason } });
    log.info({ master: name, by }, `master ${name} is given up: it is off for good`);
  }

  /** Nothing is kept of it any more. `stale-revision`: it is to be served again. */
  async forget(): Promise<void> {
    const { bus } = this.#scope.options;
    if (this.#kept !== undefined) await bus.masters.remove(this.#kept.key, this.#kept.revision);
    this.#kept = undefined;
    this.#order = null;
  }
}

function says(kept: KeptMaster, now: Pick<KeptMaster, "install" | "entry" | "removedAt">): boolean {
  if (kept.removedAt !== now.removedAt || kept.forgotten !== undefined) return false;
  return kept.install === now.install && isDeepStrictEqual(kept.entry, now.entry);
}

function unkept(master: string): KubestackError {
  return new KubestackError(
    "not-found",
    `Master ${master} is out of the configuration and drained; put it back there to have it served.`,
    { retry: "never" },
  );
}

function newer(master: string): KubestackError {
  return new KubestackError(
    "not-owner",
    `What is kept of master ${master} was written by a newer release of KubeStack: this process leaves it alone; upgrade it.`,
    { retry: "never" },
  );
}
