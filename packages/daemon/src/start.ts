import { readFile } from "node:fs/promises";
import { type Bus, connectBus } from "@kubestack/bus";
import { startCompletionCollector } from "@kubestack/completion-collector";
import type { Configuration, MasterConfig } from "@kubestack/configuration";
import { type SecretReference, type ServiceName, sentenceOf } from "@kubestack/contracts";
import { startDemandCollector } from "@kubestack/demand-collector";
import { type Cluster, clusterSourceOf, connectCluster } from "@kubestack/kubernetes";
import { type Environment, type Logger, readSecret, Started, type Stoppable, systemTiming } from "@kubestack/runtime";
import { type SlaveSupervisor, startSlaveSupervisor } from "@kubestack/slave-supervisor";
import { startEmbeddedNats } from "./embedded-nats.ts";
import { defaultInstall } from "./install.ts";
import { masterOf } from "./masters.ts";
import { measuredBus, measuredCluster, measuredMaster } from "./measured.ts";
import { type SelfReport, startSelfReport } from "./self-report.ts";
import { version } from "./version.ts";

export interface DaemonOptions {
  readonly configuration: Configuration;
  /** Names of the masters that are served; default: all of the configuration. */
  readonly masters?: readonly string[] | undefined;
  readonly services: readonly ServiceName[];
  readonly log: Logger;
  readonly environment: Environment;
}

export interface Daemon {
  /** Where NATS is. */
  readonly natsUrl: string;
  /** Where its measures and probes are; undefined where it listens nowhere. */
  readonly metricsUrl: string | undefined;
  /** Resolves with a sentence when it can't go on by itself: the process must end and be started anew. */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
}

/** What each service is started with. */
interface Surroundings {
  readonly configuration: Configuration;
  /** Those that are served. */
  readonly masters: readonly MasterConfig[];
  readonly bus: Bus;
  readonly log: Logger;
  readonly report: SelfReport;
  readonly secret: (reference: SecretReference) => Promise<string>;
  readonly signal: AbortSignal;
  /** Told when a service can't begin though it was started: the process must end and be started anew. */
  readonly broken: (sentence: string) => void;
}

const starters: Readonly<Record<ServiceName, (surroundings: Surroundings) => Promise<Stoppable>>> = {
  "demand-collector": async (around) =>
    startDemandCollector({
      ...common(around),
      masters: await each(around, (config, master) => ({ name: config.name, master, demand: config.demand })),
    }),
  "completion-collector": async (around) =>
    startCompletionCollector({
      ...common(around),
      timing: systemTiming,
      masters: await each(around, (config, master) => ({ name: config.name, master, completion: config.completion })),
    }),
  "slave-supervisor": startSupervising,
};

/** Starts the services asked for in this process, and a nats-server where none is configured. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { configuration, services, log, environment } = options;
  const started = new Started(log);
  const ending = new AbortController();
  try {
    const report = started.add(await startSelfReport({ listen: configuration.listen.metrics, services, log }));
    const embedded =
      configuration.nats.servers === undefined
        ? await startEmbeddedNats(configuration.nats, { environment, log })
        : undefined;
    if (embedded !== undefined) started.add({ name: "nats-server", stop: embedded.stop });
    const servers = configuration.nats.servers ?? [embedded?.url ?? ""];
    const connected = await connectBus({
      servers,
      name: services.length === 1 ? (services[0] ?? "kubestackd") : "kubestackd",
      credentialsFile: configuration.nats.credentials?.replace(/^file:/, ""),
      caFile: configuration.nats.tls?.ca.replace(/^file:/, ""),
      onUnreadable: (problem) => log.warn(problem.message),
      onConnection: report.natsIs,
    });
    started.add({ name: "NATS connection", stop: connected.close });
    report.natsIs(true);
    const bus = measuredBus(connected, report.meter);
    report.meter.gauge("clock_offset_seconds", () => [{ labels: {}, value: bus.clock.offsetMs() / 1000 }]);
    const secret = secretReader(configuration, environment);
    const masters = configuration.masters.filter(({ name }) => options.masters?.includes(name) ?? true);
    const broken = Promise.withResolvers<string>();
    const around = { configuration, masters, bus, log, report, secret, signal: ending.signal, broken: broken.resolve };
    const running = new Set<ServiceName>();
    report.readiness.require("services", () => awaited(services, running));
    for (const service of services) {
      started.add(await starters[service](around));
      running.add(service);
      log.info({ service, process: bus.process }, `${service} runs`);
    }
    const lost = bus.closed.then(() => "the connection to NATS was closed");
    return {
      natsUrl: servers[0] ?? "",
      metricsUrl: report.url,
      broken: Promise.race([lost, broken.promise, ...(embedded === undefined ? [] : [embedded.died])]),
      stop: () => {
        report.ending();
        ending.abort();
        return started.stop();
      },
    };
  } catch (error) {
    ending.abort();
    await started.stop();
    throw error;
  }
}

/** A service that was started seeks its leases. */
function awaited(services: readonly ServiceName[], running: ReadonlySet<ServiceName>) {
  const missing = services.filter((service) => !running.has(service));
  return { isReady: missing.length === 0, detail: missing.length === 0 ? "run" : `${missing.join(", ")} not yet` };
}

/** Reads secrets from files, the environment, or the Secrets of the namespace that this process runs in. */
function secretReader(configuration: Configuration, environment: Environment): Surroundings["secret"] {
  const kubernetes = async (name: string, key: string): Promise<string | undefined> => {
    const cluster = connectCluster(
      await clusterSourceOf(configuration.kubernetes, (reference) => readSecret(reference, { environment })),
    );
    try {
      const found = await cluster.getSecret((await ownNamespace()) ?? configuration.kubernetes.namespace, name);
      const value = found?.data?.[key];
      return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
    } finally {
      await cluster.close();
    }
  };
  return (reference) => readSecret(reference, { environment, kubernetes });
}

/** The namespace of the pod that this process runs in, if it runs in one. */
async function ownNamespace(): Promise<string | undefined> {
  const text = await readFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "utf8").catch(() => "");
  return text.trim() || undefined;
}

function common({ configuration, bus, log, report }: Surroundings) {
  return { install: configuration.install ?? "", version, bus, log, timing: systemTiming, meter: report.meter };
}

function each<T>(
  { masters, secret, report: { meter } }: Surroundings,
  describe: (config: MasterConfig, master: Awaited<ReturnType<typeof masterOf>>) => T,
): Promise<T[]> {
  return Promise.all(
    masters.map(async (config) => describe(config, measuredMaster(await masterOf(config, secret), meter))),
  );
}

/**
 * The supervisor needs the cluster: to know the installation's name, and to launch. While the cluster can't be reached
 * the rest goes on, and the supervisor begins as soon as it can.
 */
async function startSupervising(around: Surroundings): Promise<Stoppable> {
  const { configuration, secret, log, signal, report } = around;
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
  let running: SlaveSupervisor | undefined;
  report.readiness.require("cluster", () => {
    const { state, detail } = running?.cluster() ?? { state: "unavailable", detail: "it has not answered yet" };
    return { isReady: state === "ok", detail };
  });
  const begin = async (): Promise<Stoppable | undefined> => {
    const install = configuration.install ?? (await defaultInstall(question));
    running = install === undefined ? undefined : await supervise(around, cluster, install);
    return running;
  };
  const beginning = begin().catch((error: unknown) => {
    around.broken(`slave-supervisor could not begin: ${sentenceOf(error)}`);
    return undefined;
  });
  return {
    name: "slave-supervisor",
    stop: async () => {
      await (await beginning)?.stop();
      await cluster.close();
    },
  };
}

async function supervise(around: Surroundings, cluster: Cluster, install: string): Promise<SlaveSupervisor> {
  const { configuration } = around;
  return startSlaveSupervisor({
    ...common(around),
    install,
    cluster,
    namespace: configuration.kubernetes.namespace,
    templates: configuration.templates,
    limits: configuration.limits,
    masters: await each(around, (config, master) => ({
      name: config.name,
      master,
      attach: config.attach,
      agentUrl: config.agentUrl,
      agentTunnel: config.agentTunnel,
      podLabels: config.podLabels,
      maxSlaves: config.maxSlaves,
      anchors: config.anchors,
      nodeOpsPerSecond: config.nodeOpsPerSecond,
      intervalMs: Math.max(...config.demand.map(({ interval }) => interval)),
    })),
  });
}
