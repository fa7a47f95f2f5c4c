import { type Api, startApi } from "@kubestack/api";
import { connectBus } from "@kubestack/bus";
import type { LoadOptions, ReadFile } from "@kubestack/configuration";
import type { AnyServiceName } from "@kubestack/contracts";
import { startHookServer } from "@kubestack/hooks";
import { type Environment, type Logger, Started, systemTiming } from "@kubestack/runtime";
import { startCapacityHost } from "./capacity-host.ts";
import { startEmbeddedNats } from "./embedded-nats.ts";
import { Follower } from "./follower.ts";
import type { Host } from "./host.ts";
import { type Surroundings, starters } from "./hosts.ts";
import { measuredBus } from "./measured.ts";
import { secretReader } from "./secret-reader.ts";
import { startSelfReport } from "./self-report.ts";
import { ServedMasters } from "./served-masters.ts";
import { Upkeep } from "./upkeep.ts";
import { version } from "./version.ts";

export interface DaemonOptions {
  /** The configuration as it was read; it is followed from now on. */
  readonly read: ReadFile;
  /** Where it was read from. */
  readonly source: LoadOptions;
  /** Names of the masters that are served; default: all of the configuration. */
  readonly masters?: readonly string[] | undefined;
  readonly services: readonly AnyServiceName[];
  readonly log: Logger;
  readonly environment: Environment;
}

export interface Daemon {
  /** Where NATS is. */
  readonly natsUrl: string;
  /** Resolves with the address where people are answered over HTTP, once they are; absent where this process does not. */
  readonly apiUrl: Promise<string> | undefined;
  /** Resolves with a sentence when it can't go on by itself: the process must end and be started anew. */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
}

/** Starts the services asked for in this process, and a nats-server where none is configured. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { read, source, services, log, environment } = options;
  const { configuration } = read;
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
      // Who only reads leaves what is missing to the others.
      makesStores: services.some((service) => service !== "api"),
      credentialsFile: configuration.nats.credentials?.replace(/^file:/, ""),
      caFile: configuration.nats.tls?.ca.replace(/^file:/, ""),
      onUnreadable: (problem) => log.warn(problem.message),
      onConnection: report.natsIs,
    });
    started.add({ name: "NATS connection", stop: connected.close });
    report.natsIs(true);
    const bus = measuredBus(connected, report.meter);
    report.meter.gauge("clock_offset_seconds", () => [{ labels: {}, value: bus.clock.offsetMs() / 1000 }]);
    const broken = Promise.withResolvers<string>();
    const secret = secretReader(configuration, environment);
    const hooks = startHookServer({
      listen: configuration.listen.hooks,
      secret,
      now: bus.clock.now,
      monotonic: systemTiming.monotonic,
      tell: (level, sentence, about = {}) => log[level](about, sentence),
    });
    started.add({ name: "webhooks", stop: () => hooks.stop() });
    const follower = new Follower({ read, source, log });
    const hosts: Pick<Host, "change">[] = [];
    const { monotonic } = systemTiming;
    const served = new ServedMasters({ bus, log, pinned: options.masters, monotonic });
    const upkeep = new Upkeep({ configuration: follower, served, hosts, timing: systemTiming, log });
    let api: Api | undefined;
    const around = {
      configuration,
      bus,
      log,
      report,
      secret,
      hooks,
      signal: ending.signal,
      notes: () => [...follower.notes, ...served.notes, ...hooks.problems(), ...(api?.problems() ?? [])],
      ready: () => upkeep.wake(),
      broken: broken.resolve,
    };
    const running = new Set<AnyServiceName>();
    report.readiness.require("services", () => awaited(services, running));
    for (const service of services) {
      if (service === "api") api = started.add(await startAnswering(around));
      else if (service === "capacity-autoscaler") hosts.push(started.add(startCapacityHost(around)));
      else {
        const host = started.add(await starters[service](around));
        hosts.push(host);
        served.add(host);
      }
      running.add(service);
      log.info({ service, process: bus.process }, `${service} runs`);
    }
    await upkeep.start();
    started.add(upkeep);
    const lost = bus.closed.then(() => "the connection to NATS was closed");
    return {
      natsUrl: servers[0] ?? "",
      apiUrl: configuration.listen.api === "off" ? undefined : api?.listening,
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

/** Serves people: it has no masters, and whoever asks learns what all processes know. */
function startAnswering({ configuration, bus, log, report }: Surroundings): Promise<Api> {
  const { meter, readiness } = report;
  return startApi({ bus, version, listen: configuration.listen.api, log, timing: systemTiming, meter, readiness });
}

/** A service that was started seeks its leases. */
function awaited(services: readonly AnyServiceName[], running: ReadonlySet<AnyServiceName>) {
  const missing = services.filter((service) => !running.has(service));
  return { isReady: missing.length === 0, detail: missing.length === 0 ? "run" : `${missing.join(", ")} not yet` };
}
