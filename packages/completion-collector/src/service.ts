import type { Bus } from "@kubestack/bus";
import { commands } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { Meter } from "@kubestack/metrics";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import type { CompletionListenerConfig } from "./config.ts";
import { MasterCompletions } from "./master-completions.ts";

export interface CompletedMaster {
  readonly name: string;
  /** A connection of this service's own. */
  readonly master: Master;
  readonly completion: readonly CompletionListenerConfig[];
}

export interface CompletionCollectorOptions {
  readonly install: string;
  readonly version: string;
  readonly masters: readonly CompletedMaster[];
  readonly bus: Bus;
  readonly log: Logger;
  readonly timing: Timing;
  /** Told what is counted; default: nobody counts. */
  readonly meter?: Meter | undefined;
}

/** Starts observing builds that start and finish. */
export async function startCompletionCollector(options: CompletionCollectorOptions): Promise<Stoppable> {
  const { bus, log, timing, install, version, meter } = options;
  const startedAt = bus.clock.now();
  const service = await bus.serve("completion-collector", version);
  const collectors = options.masters.map(
    ({ name, master, completion }) =>
      new MasterCompletions({ name, master, listeners: completion, bus, log, timing, meter }),
  );
  service.answer(commands.completionStatus, () => ({
    service: "completion-collector",
    version,
    install,
    process: bus.process,
    startedAt,
    clockOffsetMs: bus.clock.offsetMs(),
    masters: collectors.map((collector) => collector.status()),
  }));
  await service.known();
  return {
    name: "completion-collector",
    stop: async () => {
      await Promise.all(collectors.map((collector) => collector.stop()));
      await service.stop();
    },
  };
}
