import type { Bus } from "@kubestack/bus";
import { commands } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import type { DemandListenerConfig } from "./config.ts";
import { MasterCollector } from "./master-collector.ts";

export interface CollectedMaster {
  readonly name: string;
  /** A connection of this service's own. */
  readonly master: Master;
  readonly demand: readonly DemandListenerConfig[];
}

export interface DemandCollectorOptions {
  readonly install: string;
  readonly version: string;
  readonly masters: readonly CollectedMaster[];
  readonly bus: Bus;
  readonly log: Logger;
  readonly timing: Timing;
}

/** Starts observing what each master wants and has. */
export async function startDemandCollector(options: DemandCollectorOptions): Promise<Stoppable> {
  const { bus, log, timing, install, version } = options;
  const startedAt = bus.clock.now();
  const service = await bus.serve("demand-collector", version);
  const collectors = options.masters.map(
    ({ name, master, demand }) => new MasterCollector({ name, master, listeners: demand, bus, service, log, timing }),
  );
  service.answer(commands.collectorStatus, () => ({
    service: "demand-collector",
    version,
    install,
    process: bus.process,
    startedAt,
    clockOffsetMs: bus.clock.offsetMs(),
    masters: collectors.map((collector) => collector.status()),
  }));
  await service.known();
  return {
    name: "demand-collector",
    stop: async () => {
      await Promise.all(collectors.map((collector) => collector.stop()));
      await service.stop();
    },
  };
}
