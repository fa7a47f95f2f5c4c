import type { Bus } from "@kubestack/bus";
import { commands, type ServiceStatus } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import { type Cluster, watchPods } from "@kubestack/kubernetes";
import type { Meter } from "@kubestack/metrics";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import type { TemplateConfig } from "@kubestack/templates";
import { type AttachModeName, attachModes } from "./attach/index.ts";
import type { Limits } from "./config.ts";
import { MasterSupervisor } from "./master-supervisor.ts";
import { MasterMeasures } from "./measures/master-measures.ts";
import { StoreKeeper } from "./resync/store-keeper.ts";

export interface SupervisedMaster {
  readonly name: string;
  /** A connection of this service's own. */
  readonly master: Master;
  readonly attach: AttachModeName;
  readonly agentUrl: string;
  readonly agentTunnel?: string | undefined;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly maxSlaves?: number | undefined;
  readonly anchors: "auto" | "off";
  readonly nodeOpsPerSecond: number | "auto";
  /** The interval of the master's rounds, to judge their age. */
  readonly intervalMs: number;
}

export interface SlaveSupervisorOptions {
  readonly install: string;
  readonly version: string;
  readonly namespace: string;
  readonly masters: readonly SupervisedMaster[];
  readonly templates: readonly TemplateConfig[];
  readonly limits: Limits;
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly log: Logger;
  readonly timing: Timing;
  /** Told what is counted; default: nobody counts. */
  readonly meter?: Meter | undefined;
}

/** A supervisor that was started. */
export interface SlaveSupervisor extends Stoppable {
  /** Whether the cluster's pods are watched now, and why not. */
  cluster(): { readonly state: "ok" | "unavailable"; readonly detail: string };
}

/** Starts launching and supervising slaves: one watch for the whole namespace, one supervisor for each master. */
export async function startSlaveSupervisor(options: SlaveSupervisorOptions): Promise<SlaveSupervisor> {
  const { bus, meter, cluster, log, timing, install, version, namespace, limits } = options;
  const startedAt = bus.clock.now();
  const service = await bus.serve("slave-supervisor", version);
  const pods = watchPods({
    cluster,
    namespace,
    onError: (error) => log.warn({ namespace }, error instanceof Error ? error.message : String(error)),
  });
  pods.synced.catch(() => undefined);
  const store = new StoreKeeper({ install, namespace, bus, cluster, timing, log });
  store.start();
  const templatesOf = (master: string) =>
    options.templates.filter(
      ({ masters, labels, unlabelled }) =>
        (masters.includes("*") || masters.includes(master)) && (labels.length > 0 || unlabelled),
    );
  const supervisors = options.masters.map(
    (master) =>
      new MasterSupervisor({
        install,
        name: master.name,
        namespace,
        attach: attachModes[master.attach],
        target: master,
        templates: templatesOf(master.name),
        maxSlaves: master.maxSlaves ?? limits.maxSlaves,
        anchors: master.anchors,
        nodeOpsPerSecond: master.nodeOpsPerSecond,
        launchesPerMinute: limits.launchesPerMinute,
        intervalMs: master.intervalMs,
        bus,
        store,
        service,
        cluster,
        pods,
        log,
        timing,
        measures:
          meter &&
          new MasterMeasures(
            meter,
            master.name,
            templatesOf(master.name).map(({ name }) => name),
          ),
      }),
  );
  const standing = (): ReturnType<SlaveSupervisor["cluster"]> => {
    const { state, lastError } = pods.status();
    if (state === "synced") return { state: "ok", detail: "watched" };
    return { state: "unavailable", detail: lastError ?? "not listed yet" };
  };
  const labels = { namespace };
  const told = [
    meter?.gauge("watch_synced", () => [{ labels, value: standing().state === "ok" ? 1 : 0 }]),
    meter?.gauge("store_is_ours", () => [{ labels, value: store.standing().state === "ours" ? 1 : 0 }]),
  ];
  service.answer(
    commands.supervisorStatus,
    (): ServiceStatus => ({
      service: "slave-supervisor",
      version,
      install,
      process: bus.process,
      startedAt,
      clockOffsetMs: bus.clock.offsetMs(),
      cluster: standing(),
      masters: supervisors.map((supervisor) => supervisor.status()),
    }),
  );
  await service.known();
  return {
    name: "slave-supervisor",
    cluster: standing,
    stop: async () => {
      for (const end of told) end?.();
      await Promise.all(supervisors.map((supervisor) => supervisor.stop()));
      await store.stop();
      await pods.stop();
      await service.stop();
    },
  };
}
