import type { Bus } from "@kubestack/bus";
import { commands, type ServiceStatus } from "@kubestack/contracts";
import type { AgentTls, Master, WantedTransport } from "@kubestack/jenkins";
import { type Cluster, watchPods } from "@kubestack/kubernetes";
import type { Meter } from "@kubestack/metrics";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import type { FileTemplates, TemplateConfig } from "@kubestack/templates";
import { type AttachModeName, attachModes } from "./attach/index.ts";
import { capsOf, costIn } from "./caps/costs.ts";
import { ForeignPods } from "./caps/foreign-pods.ts";
import { SharedCaps } from "./caps/shared-caps.ts";
import { usedBy } from "./caps/used-by.ts";
import { ClusterReach, toldOfCluster, unableBy } from "./cluster-reach.ts";
import type { Limits } from "./config.ts";
import type { MasterSettings } from "./master-scope.ts";
import { MasterSupervisor } from "./master-supervisor.ts";
import { MasterMeasures } from "./measures/master-measures.ts";
import { StoreKeeper } from "./resync/store-keeper.ts";
import { TemplateKeeper } from "./template-sources/template-keeper.ts";

export interface SupervisedMaster {
  readonly name: string;
  /** A connection of this service's own; undefined for a master that is no Jenkins. */
  readonly master: Master | undefined;
  readonly attach: AttachModeName;
  readonly agentUrl: string;
  readonly agentTunnel?: string | undefined;
  /** Default auto. */
  readonly transport?: WantedTransport | undefined;
  /** Whom agents trust to be the master. Default: whom everybody trusts. */
  readonly tls?: AgentTls | undefined;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly maxSlaves?: number | undefined;
  /** As Kubernetes writes quantities; default: any amount. */
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  /** Default 1. */
  readonly weight?: number | undefined;
  readonly anchors: "auto" | "off";
  readonly nodeOpsPerSecond: number | "auto";
  /** The interval of the master's rounds, to judge their age. */
  readonly intervalMs: number;
  /** Its entry of the configuration, to be kept: secrets are references there. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** Whether the configuration names it. One that it does not is drained, and then left. Default true. */
  readonly isListed?: boolean;
}

export interface SlaveSupervisorOptions {
  readonly install: string;
  readonly version: string;
  readonly namespace: string;
  readonly masters: readonly SupervisedMaster[];
  /** Those of the configuration file. */
  readonly templates: readonly TemplateConfig[];
  /** The same as entries, and from where others may come. Default: from nowhere. */
  readonly book?: FileTemplates | undefined;
  readonly limits: Limits;
  /** Every master that the configuration names, served by this process or not. Default: those that it serves. */
  readonly masterNames?: readonly string[] | undefined;
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly log: Logger;
  readonly timing: Timing;
  /** Told what is counted; default: nobody counts. */
  readonly meter?: Meter | undefined;
  /** What a person has to mend about this process; default: nothing. */
  readonly notes?: () => readonly string[];
}

/** A supervisor that runs. */
export interface SlaveSupervisor extends Stoppable {
  /** Supervises a master from now on, or one of this name by other settings: what lives goes on. */
  set(master: SupervisedMaster): void;
  /** Supervises a master no longer: what lives there is another process's. */
  remove(name: string): Promise<void>;
  /** Other templates and limits for all masters: slaves that live keep what they were born with. */
  change(common: Common): void;
  /** Whether this process owns a master now. */
  owns(name: string): boolean;
  /** Whether the cluster's pods are watched now, and why not. */
  cluster(): { readonly state: "ok" | "unavailable"; readonly detail: string };
}

/** What the configuration says of all masters alike. */
export type Common = Pick<SlaveSupervisorOptions, "templates" | "book" | "limits" | "masterNames">;

/** Starts launching and supervising slaves: one watch for the whole namespace, one supervisor for each master. */
export async function startSlaveSupervisor(options: SlaveSupervisorOptions): Promise<SlaveSupervisor> {
  const { bus, meter, cluster, log, timing, install, version, namespace } = options;
  const startedAt = bus.clock.now();
  const service = await bus.serve("slave-supervisor", version);
  const onError = (error: unknown): void =>
    log.warn({ namespace }, error instanceof Error ? error.message : String(error));
  const pods = watchPods({ cluster, namespace, onError });
  const foreign = new ForeignPods({ cluster, namespace, onError });
  pods.synced.catch(() => undefined);
  const reach = new ClusterReach(pods.status, timing.monotonic);
  const unable = (): string => unableBy(reach.now());
  const store = new StoreKeeper({ install, namespace, bus, cluster, timing, log });
  store.start();
  let { templates, limits, masterNames = [] } = options;
  const masters = new Map<string, SupervisedMaster>();
  const supervisors = new Map<string, MasterSupervisor>();
  const sharedCaps = new SharedCaps({
    bus,
    usedBy: (name) => usedBy(name, { bus, install, pods, costOf: costIn(templates) }),
    foreign: () => foreign.used(),
  });
  const shareAmong = (): void => {
    foreign.count(limits.countForeign);
    sharedCaps.change({ caps: capsOf(limits), masters: [...new Set([...masterNames, ...masters.keys()])] });
  };
  const set = (master: SupervisedMaster): void => {
    const { name } = master;
    const settings = settingsOf(master, { templates, limits });
    masters.set(name, master);
    shareAmong();
    const running = supervisors.get(name);
    running?.reconfigure(settings);
    if (running !== undefined) return;
    const known = settings.templates.map((template) => template.name);
    const measures = meter && new MasterMeasures(meter, name, known);
    const areWhole = (): boolean => keeper?.isWhole ?? true;
    const process = { install, namespace, bus, store, service, cluster, pods, sharedCaps, unable, log, timing };
    const own = { ...process, name, measures, templatesAreWhole: areWhole };
    supervisors.set(name, new MasterSupervisor({ ...own, ...settings }));
  };
  const setAll = (): void => {
    for (const master of masters.values()) set(master);
  };
  const keeper =
    options.book &&
    new TemplateKeeper({
      ...{ bus, service, cluster, log, file: options.book },
      onChange: (changed) => {
        templates = changed;
        setAll();
      },
    });
  await keeper?.begin();
  for (const master of options.masters) set(master);
  const standing = (): ReturnType<SlaveSupervisor["cluster"]> => {
    const now = reach.now();
    if (now.status.state === "synced") return { state: "ok", detail: "watched" };
    const owned = [...supervisors.values()].filter((supervisor) => supervisor.isOwner()).length;
    return { state: "unavailable", detail: toldOfCluster(now, { served: supervisors.size, owned }) };
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
      masters: [...supervisors.values()].map((supervisor) => supervisor.status()),
      notes: [...(options.notes?.() ?? []), ...(keeper?.notes ?? [])],
      ...(keeper === undefined ? {} : { templateFaults: keeper.told().faults }),
    }),
  );
  await service.known();
  return {
    name: "slave-supervisor",
    cluster: standing,
    set,
    remove: async (name) => {
      const supervisor = supervisors.get(name);
      supervisors.delete(name);
      masters.delete(name);
      shareAmong();
      await supervisor?.stop();
    },
    change: (changed) => {
      limits = changed.limits;
      masterNames = changed.masterNames ?? [];
      shareAmong();
      if (keeper === undefined || changed.book === undefined) templates = changed.templates;
      else keeper.change(changed.book);
      setAll();
    },
    owns: (name) => supervisors.get(name)?.isOwner() ?? false,
    stop: async () => {
      for (const end of told) end?.();
      await keeper?.stop();
      await Promise.all([...supervisors.values()].map((supervisor) => supervisor.stop()));
      await store.stop();
      await Promise.all([pods.stop(), foreign.stop()]);
      await service.stop();
    },
  };
}

/** What the configuration says of one master. */
function settingsOf(master: SupervisedMaster, { templates, limits }: Omit<Common, "book">): MasterSettings {
  return {
    entry: master.entry,
    isListed: master.isListed ?? true,
    attach: attachModes[master.attach],
    target: master,
    templates: templates.filter(
      ({ masters, labels, unlabelled }) =>
        (masters.includes("*") || masters.includes(master.name)) && (labels.length > 0 || unlabelled),
    ),
    maxSlaves: master.maxSlaves ?? Number.POSITIVE_INFINITY,
    ownCaps: capsOf({ cpu: master.cpu, memory: master.memory }),
    weight: master.weight ?? 1,
    anchors: master.anchors,
    nodeOpsPerSecond: master.nodeOpsPerSecond,
    launchesPerMinute: limits.launchesPerMinute,
    maxHoldMs: limits.maxHold,
    intervalMs: master.intervalMs,
  };
}
