import type { Lease } from "@kubestack/bus";
import { MemoryNats, type MessageFaults } from "./memory-nats.ts";
import { Process, VirtualTime } from "./virtual-time.ts";

/** A process that shares masters with others and does nothing else. */
export interface Sharer {
  readonly process: Process;
  readonly leases: ReadonlyMap<string, Lease>;
  /** Why it can't do its work; empty: it can. */
  unable: string;
}

/** What went wrong with who has what. */
export interface Breach {
  readonly at: number;
  readonly master: string;
  readonly holders: readonly string[];
}

/** How often who has what is looked at, in milliseconds. */
const lookMs = 50;

/** Processes of one service that share masters, on a NATS in memory and in virtual time. */
export class Sharing {
  readonly time: VirtualTime;
  readonly nats: MemoryNats;
  readonly masters: readonly string[];
  readonly sharers: Sharer[] = [];
  /** Instants at which two processes that run believed in one lease. */
  readonly breaches: Breach[] = [];
  /** How often a master went from one holder to another. */
  moves = 0;
  /** The longest time that a master was nobody's, since the last `forget`, in milliseconds. */
  longestUnheldMs = 0;
  readonly #holders = new Map<string, string>();
  readonly #unheldSince = new Map<string, number>();
  readonly #putBack: () => void;
  #starts = 0;

  constructor(options: { seed: number; masters: number; faults?: MessageFaults }) {
    this.time = new VirtualTime(options.seed);
    this.#putBack = this.time.install();
    this.nats = new MemoryNats(this.time);
    if (options.faults !== undefined) this.nats.faults = options.faults;
    this.masters = Array.from({ length: options.masters }, (_, at) => `master-${at}`);
    const watch = (): void => {
      this.#look();
      this.time.in(lookMs, watch);
    };
    this.time.apart(watch);
  }

  /** Starts a process that may serve these masters; default all. `unable`: why it can't do its work. */
  start(masters: readonly string[] = this.masters, unable = ""): Sharer {
    this.#starts += 1;
    const process = new Process(`sharer-${this.#starts}`);
    const leases = new Map<string, Lease>();
    const sharer: Sharer = { process, leases, unable };
    this.time.as(process, () => {
      const bus = this.nats.connect(process);
      for (const master of masters)
        leases.set(master, bus.lease({ service: "slave-supervisor", master }, { unable: () => sharer.unable }));
    });
    this.sharers.push(sharer);
    return sharer;
  }

  /** Asks a process to end, as a signal does. */
  async endOrderly({ process, leases }: Sharer): Promise<void> {
    await this.time.as(process, () => Promise.all([...leases.values()].map((lease) => lease.release())));
    this.time.kill(process);
  }

  heldBy({ process, leases }: Sharer): string[] {
    if (process.state !== "runs") return [];
    return [...leases].filter(([, lease]) => lease.isHeld()).map(([master]) => master);
  }

  /** How many masters each process has that is not dead. */
  get spread(): number[] {
    return this.sharers.filter(({ process }) => process.state !== "dead").map((sharer) => this.heldBy(sharer).length);
  }

  /** Masters that somebody has. */
  get held(): number {
    return new Set(this.sharers.flatMap((sharer) => this.heldBy(sharer))).size;
  }

  forget(): void {
    this.moves = 0;
    this.longestUnheldMs = 0;
  }

  end(): void {
    for (const { process } of this.sharers) this.time.kill(process);
    this.#putBack();
  }

  #look(): void {
    const { now } = this.time;
    const holders = new Map<string, string[]>();
    for (const sharer of this.sharers)
      for (const master of this.heldBy(sharer))
        holders.set(master, [...(holders.get(master) ?? []), sharer.process.name]);
    for (const master of this.masters) {
      const names = holders.get(master) ?? [];
      const [name] = names;
      if (names.length > 1) this.breaches.push({ at: now, master, holders: names });
      if (name === undefined) {
        const since = this.#unheldSince.get(master) ?? now;
        this.#unheldSince.set(master, since);
        this.longestUnheldMs = Math.max(this.longestUnheldMs, now - since);
        continue;
      }
      this.#unheldSince.delete(master);
      const before = this.#holders.get(master);
      if (before !== undefined && before !== name) this.moves += 1;
      this.#holders.set(master, name);
    }
  }
}
