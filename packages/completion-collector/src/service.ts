import type { Bus } from "@kubestack/bus";
import { commands } from "@kubestack/contracts";
import type { Hooks } from "@kubestack/hooks";
import type { Master } from "@kubestack/jenkins";
import type { Meter } from "@kubestack/metrics";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import type { CompletionListenerConfig } from "./config.ts";
import { MasterCompletions } from "./master-completions.ts";

export interface CompletedMaster {
  readonly name: string;
  /** A connection of this service's own; undefined for a master that is no Jenkins. */
  readonly master: Master | undefined;
  readonly completion: readonly CompletionListenerConfig[];
}

export interface CompletionCollectorOptions {
  readonly install: string;
  readonly version: string;
  readonly masters: readonly CompletedMaster[];
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
export interface CompletionCollector extends Stoppable {
  /** Observes a master from now on. One of this name is left first, as after a change of its configuration. */
  set(master: CompletedMaster): Promise<void>;
  /** Observes a master no longer. */
  remove(name: string): Promise<void>;
}

/** Starts observing builds that start and finish. */
export async function startCompletionCollector(options: CompletionCollectorOptions): Promise<CompletionCollector> {
  const { bus, hooks, log, timing, install, version, meter } = options;
  const startedAt = bus.clock.now();
  const service = await bus.serve("completion-collector", version);
  const collectors = new Map<string, MasterCompletions>();
  const begin = ({ name, master, completion }: CompletedMaster): void =>
    void collectors.set(
      name,
      new MasterCompletions({ name, master, listeners: completion, bus, hooks, log, timing, meter }),
    );
  const remove = async (name: string): Promise<void> => {
    const collector = collectors.get(name);
    collectors.delete(name);
    await collector?.stop();
  };
  for (const master of options.masters) begin(master);
  service.answer(commands.completionStatus, () => ({
    service: "completion-collector",
    version,
    install,
    process: bus.process,
    startedAt,
    clockOffsetMs: bus.clock.offsetMs(),
    masters: [...collectors.values()].map((collector) => collector.status()),
    notes: [...(options.notes?.() ?? [])],
  }));
  await service.known();
  return {
    name: "completion-collector",
    set: async (master) => {
      await remove(master.name);
      begin(master);
    },
    remove,
    stop: async () => {
      await Promise.all([...collectors.values()].map((collector) => collector.stop()));
      await service.stop();
    },
  };
}
