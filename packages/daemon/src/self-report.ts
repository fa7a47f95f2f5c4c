import { type AnyServiceName, listenAddress } from "@kubestack/contracts";
import { createMeter, type Meter, Readiness, serveMetrics } from "@kubestack/metrics";
import type { Logger, Stoppable } from "@kubestack/runtime";
import { version } from "./version.ts";

/** What a process tells of itself. */
export interface SelfReport extends Stoppable {
  readonly meter: Meter;
  readonly readiness: Readiness;
  /** The connection to NATS was had, or lost. */
  natsIs(connected: boolean): void;
  /** From now on it is not ready any more. */
  ending(): void;
}

/** Begins to listen at `listen.metrics`: before anything else is there, so that whoever probes learns what is awaited. */
export async function startSelfReport(of: {
  readonly listen: string;
  readonly services: readonly AnyServiceName[];
  readonly log: Logger;
}): Promise<SelfReport> {
  const meter = createMeter({ ofProcess: true });
  const readiness = new Readiness();
  let connected: boolean | undefined;
  readiness.require("nats", () => ({
    isReady: connected === true,
    detail: connected === undefined ? "not connected yet" : connected ? "connected" : "the connection is lost",
  }));
  meter.gauge("nats_connected", () => [{ labels: {}, value: connected === true ? 1 : 0 }]);
  meter.gauge("build_info", () => [{ labels: { version, services: of.services.join(",") }, value: 1 }]);
  const listen = listenAddress(of.listen);
  const server =
    listen &&
    (await serveMetrics({ listen, exposition: meter, readiness, onFailure: (sentence) => of.log.warn(sentence) }));
  if (server !== undefined) of.log.info({ url: server.url }, `metrics are at ${server.url}/metrics`);
  return {
    name: "metrics",
    meter,
    readiness,
    natsIs: (now) => {
      if (now && connected === false) meter.add("nats_reconnects_total", {});
      connected = now;
    },
    ending: () => readiness.require("process", () => ({ isReady: false, detail: "is ending" })),
    stop: async () => server?.stop(),
  };
}
