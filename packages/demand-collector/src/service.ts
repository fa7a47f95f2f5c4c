import type { Bus } from "@kubestack/bus";
import { commands } from "@kubestack/contracts";
import type { Hooks } from "@kubestack/hooks";
import type { Master } from "@kubestack/jenkins";
import type { Meter } from "@kubestack/metrics";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import type { DemandListenerConfig } from "./config.ts";
import { tellGauges } from "./gauges.ts";
import { MasterCollector } from "./master-collector.ts";

export interface CollectedMaster {
  readonly name: string;
  /** A connection of this service's own; undefined for a master that is no Jenkins. */
  readonly master: Master | undefined;
  readonly demand: readonly DemandListenerConfig[];
}

export interface DemandCollectorOptions {
  readonly install: string;
  readonly version: string;
  readonly masters: readonly CollectedMaster[];
  readonly bus: Bus;
  /** Where this process takes webhooks; default: nowhere. */
  readonly hooks?: Hooks | undefined;
  readonly log: Logger;
  readonly timing: Timing;
  /** Told what is counted; default: nobody counts. */
  readonly meter?: Meter | undefined;
  /** What a person has to mend about this process; default: nothing. */
  readonly notes?: () => readonly string[];
}

/** A collector that runs. */
export interface DemandCollector extends Stoppable {
  /** Reads a master from now on. One of this name is read no longer first, as after a change of its configuration. */
  set(master: CollectedMaster): Promise<void>;
  /** Reads a master no longer. */
  remove(name: string): Promise<void>;
}

/** Starts observing what each master wants and has. */
export async function startDemandCollector(options: DemandCollectorOptions): Promise<DemandCollector> {
  const { bus, hooks, log, timing, install, version, meter } = options;
  const startedAt = bus.clock.now();
  const service = await bus.serve("demand-collector", version);
  const collectors = new Map<string, MasterCollector>();
  const begin = ({ name, master, demand }: CollectedMaster): void =>
    void collectors.set(
      name,
      new MasterCollector({ name, master, listeners: demand, bus, hooks, service, log, timing, meter }),
    );
  const remove = async (name: string): Promise<void> => {
    const collector = collectors.get(name);
    collectors.delete(name);
    await collector?.stop();
  };
  for (const master of options.masters) begin(master);
  service.answer(commands.collectorStatus, () => ({
    service: "demand-collector",
    version,
    install,
    process: bus.process,
    startedAt,
    clockOffsetMs: bus.clock.offsetMs(),
    masters: [...collectors.values()].map((collector) => collector.status()),
    notes: [...(options.notes?.() ?? [])],
  }));
  // Those that it reads at each scrape, whichever they are by then.
  const untold = meter && tellGauges(meter, { [Symbol.iterator]: () => collectors.values() });
  await service.known();
  return {
    name: "demand-collector",
    set: async (master) => {
      await remove(master.name);
      begin(master);
    },
    remove,
    stop: async () => {
      untold?.();
      await Promise.all([...collectors.values()].map((collector) => collector.stop()));
      await service.stop();
    },
  };
}
