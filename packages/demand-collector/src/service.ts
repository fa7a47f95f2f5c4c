import type { Bus } from "@kubestack/bus";
import { commands } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { Meter } from "@kubestack/metrics";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import type { DemandListenerConfig } from "./config.ts";
import { tellGauges } from "./gauges.ts";
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
  /** Told what is counted; default: nobody counts. */
  readonly meter?: Meter | undefined;
}

/** Starts observing what each master wants and has. */
export async function startDemandCollector(options: DemandCollectorOptions): Promise<Stoppable> {
  const { bus, log, timing, install, version, meter } = options;
  const startedAt = bus.clock.now();
  const service = await bus.serve("demand-collector", version);
  const collectors = options.masters.map(
    ({ name, master, demand }) =>
      new MasterCollector({ name, master, listeners: demand, bus, service, log, timing, meter }),
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
  const untold = meter && tellGauges(meter, collectors);
  await service.known();
  return {
    name: "demand-collector",
    stop: async () => {
      untold?.();
      await Promise.all(collectors.map((collector) => collector.stop()));
      await service.stop();
    },
  };
}
