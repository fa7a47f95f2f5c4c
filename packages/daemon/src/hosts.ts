import type { Bus } from "@kubestack/bus";
import { startCompletionCollector } from "@kubestack/completion-collector";
import { type Configuration, isJenkins, type MasterConfig } from "@kubestack/configuration";
import { type SecretReference, type ServiceName, sentenceOf } from "@kubestack/contracts";
import { startDemandCollector } from "@kubestack/demand-collector";
import type { Hooks } from "@kubestack/hooks";
import { agentTlsOf } from "@kubestack/jenkins";
import { clusterSourceOf, connectCluster } from "@kubestack/kubernetes";
import { type Logger, type Stoppable, systemTiming } from "@kubestack/runtime";
import { type SlaveSupervisor, startSlaveSupervisor } from "@kubestack/slave-supervisor";
import type { Common, Host, ServedMaster } from "./host.ts";
import { defaultInstall, keptInstall } from "./install.ts";
import { masterOf } from "./masters.ts";
import { measuredCluster, measuredMaster } from "./measured.ts";
import type { SelfReport } from "./self-report.ts";
import { version } from "./version.ts";

/** What each service is started with. */
export interface Surroundings {
  /** What runs at the start. */
  readonly configuration: Configuration;
  readonly bus: Bus;
  readonly log: Logger;
  readonly report: SelfReport;
  readonly secret: (reference: SecretReference) => Promise<string>;
  /** Where webhooks are taken. */
  readonly hooks: Hooks;
  readonly signal: AbortSignal;
  /** What a person has to mend about this process. */
  readonly notes: () => readonly string[];
  /** Told when a service that could not begin at once has begun: its masters may be set. */
  readonly ready: () => void;
  /** Told when a service can't begin though it was started: the process must end and be started anew. */
  readonly broken: (sentence: string) => void;
}

/** Starts each service with no master yet. */
export const starters: Readonly<Record<ServiceName, (around: Surroundings) => Promise<Host & Stoppable>>> = {
  "demand-collector": async (around) => {
    const collector = await startDemandCollector({ ...common(around), hooks: around.hooks, masters: [] });
    return {
      ...alwaysReady("demand-collector"),
      concern: ({ completion: _completion, ...config }) => withoutSupervision(config),
      set: async ({ config }) =>
        collector.set({ name: config.name, master: await connectTo(config, around), demand: config.demand }),
      remove: collector.remove,
      stop: collector.stop,
    };
  },
  "completion-collector": async (around) => {
    const collector = await startCompletionCollector({ ...common(around), hooks: around.hooks, masters: [] });
    return {
      ...alwaysReady("completion-collector"),
      concern: ({ demand: _demand, ...config }) => withoutSupervision(config),
      set: async ({ config }) =>
        collector.set({
          name: config.name,
          master: await connectTo(config, around),
          completion: config.completion,
        }),
      remove: collector.remove,
      stop: collector.stop,
    };
  },
  "slave-supervisor": startSupervising,
};

function common({ configuration, bus, log, notes, report }: Surroundings) {
  const { meter } = report;
  return { install: configuration.install ?? "", version, bus, log, timing: systemTiming, notes, meter };
}

/** A connection to a configured Jenkins, whose requests are counted; undefined for a master that is none. */
async function connectTo(config: MasterConfig, { secret, report }: Surroundings) {
  const master = await masterOf(config, secret);
  return master && measuredMaster(master, report.meter);
}

function alwaysReady<S extends ServiceName>(name: S) {
  return { name, service: name, isReady: () => true, change: () => undefined, owns: () => false };
}

/** The keys that only the supervisor reads. */
function withoutSupervision(config: Partial<MasterConfig>): object {
  const { attach, agentUrl, agentTunnel, transport, podLabels, ...others } = config;
  const { maxSlaves, cpu, memory, weight, anchors, nodeOpsPerSecond, ...rest } = others;
  return rest;
}

/**
 * The supervisor needs the cluster: to know the installation's name, and to launch. While the cluster can't be reached
 * the rest goes on, and the supervisor begins as soon as it can.
 */
async function startSupervising(around: Surroundings): Promise<Host & Stoppable> {
  const { configuration, bus, secret, log, signal, report, ready, broken } = around;
  const { namespace } = configuration.kubernetes;
  const cluster = measuredCluster(
    connectCluster(await clusterSourceOf(configuration.kubernetes, secret)),
    report.meter,
  );
  const question = {
    cluster,
    namespace,
    // All of the file, served here or not: the name is the same for every process.
    masters: configuration.masters.map(({ name }) => name),
    log,
    timing: systemTiming,
    signal,
  };
  let latest: Common = configuration;
  let supervisor: SlaveSupervisor | undefined;
  report.readiness.require("cluster", () => {
    const { state, detail } = supervisor?.cluster() ?? { state: "unavailable", detail: "it has not answered yet" };
    return { isReady: state === "ok", detail };
  });
  const begin = async (): Promise<void> => {
    const install = configuration.install ?? (await keptInstall(bus)) ?? (await defaultInstall(question));
    if (install === undefined) return;
    supervisor = await startSlaveSupervisor({
      ...common(around),
      install,
      cluster,
      namespace,
      ...supervisionOf(latest),
      masters: [],
    });
    supervisor.change(supervisionOf(latest));
    ready();
  };
  const beginning = begin().catch((error: unknown) => broken(`slave-supervisor could not begin: ${sentenceOf(error)}`));
  return {
    name: "slave-supervisor",
    service: "slave-supervisor",
    isReady: () => supervisor !== undefined,
    concern: (config) => config,
    set: async (master) => supervisor?.set(await supervised(master, around)),
    remove: async (name) => supervisor?.remove(name),
    change: (changed) => {
      latest = changed;
      supervisor?.change(supervisionOf(changed));
    },
    owns: (name) => supervisor?.owns(name) ?? false,
    stop: async () => {
      await beginning;
      await supervisor?.stop();
      await cluster.close();
    },
  };
}

/** What the supervisor reads for all masters alike. */
function supervisionOf({ templates, limits, ...rest }: Common) {
  const { templateEntries: entries, templateDefaults: defaults, templateSources: sources, masters, nodePools } = rest;
  const masterNames = masters.map(({ name }) => name);
  return { templates, limits, masterNames, book: { entries, defaults, sources, masters: masterNames, nodePools } };
}

async function supervised({ config, entry, isListed }: ServedMaster, around: Surroundings) {
  return {
    name: config.name,
    master: await connectTo(config, around),
    attach: config.attach,
    agentUrl: config.agentUrl,
    agentTunnel: config.agentTunnel,
    transport: config.transport,
    tls: isJenkins(config) ? await agentTlsOf(config) : undefined,
    podLabels: config.podLabels,
    maxSlaves: config.maxSlaves,
    cpu: config.cpu,
    memory: config.memory,
    weight: config.weight,
    anchors: config.anchors,
    nodeOpsPerSecond: config.nodeOpsPerSecond,
    // Of the first source: each other one tells its own.
    intervalMs: config.demand[0]?.interval ?? 2_000,
    entry,
    isListed,
  };
}
