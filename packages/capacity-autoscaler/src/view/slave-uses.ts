import type { Bus } from "@kubestack/bus";
import type { SlaveUse } from "@kubestack/capacity";
import { channels, type SlaveState, subjects } from "@kubestack/contracts";

/** What is known of a slave here. */
export interface KnownSlave {
  readonly master: string;
  readonly state: SlaveState;
  /** How far it has come in its life: what comes late says nothing new. */
  readonly step: number;
}

/** More slaves than these are not told apart: of the others nothing is known, so that their nodes stay. */
const mostSlaves = 50_000;

/** What each slave does, as its supervisor tells: heard as it happens, and read whole at each `read`. */
export class SlaveUses {
  readonly #bus: Bus;
  #known = new Map<string, KnownSlave>();
  readonly #end: () => void;

  constructor(bus: Bus, onNews: () => void) {
    this.#bus = bus;
    this.#end = bus.subscribe(channels.slave, subjects.allSlaves, ({ data: { slave, master, state, step } }) => {
      this.#take(slave, { master, state, step });
      // Only then may a node have become free.
      if (state === "online" || state === "deleted") onNews();
    });
  }

  /** Reads every record. Raises `bus-unavailable`. */
  async read(): Promise<void> {
    const heard = this.#known;
    this.#known = new Map();
    await this.#bus.slaves.each(
      ">",
      ({ value: { name, master, state, life } }) =>
        this.#take(name, { master, state, step: life.trail.length + life.trailDropped - 1 }),
      () => undefined,
    );
    // What was heard while the records were read is younger than some of them.
    for (const [name, slave] of heard) if (this.#known.has(name)) this.#take(name, slave);
  }

  of(slave: string): KnownSlave | undefined {
    return this.#known.get(slave);
  }

  /** By the slave's name. */
  uses(): ReadonlyMap<string, SlaveUse> {
    return new Map([...this.#known].map(([name, { state }]) => [name, useBy[state]]));
  }

  stop(): void {
    this.#end();
  }

  #take(name: string, slave: KnownSlave): void {
    const known = this.#known.get(name);
    if (known !== undefined && known.step > slave.step) return;
    if (known === undefined && this.#known.size >= mostSlaves) return;
    this.#known.set(name, slave);
  }
}

const useBy: Readonly<Record<SlaveState, SlaveUse>> = {
  requested: "starting",
  scheduled: "starting",
  online: "idle",
  busy: "busy",
  draining: "leaving",
  deleted: "leaving",
};
