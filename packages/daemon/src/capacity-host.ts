import { type CapacityAutoscaler, startCapacityAutoscaler } from "@kubestack/capacity-autoscaler";
import { sentenceOf } from "@kubestack/contracts";
import { clusterSourceOf, connectCluster } from "@kubestack/kubernetes";
import { type Stoppable, systemTiming } from "@kubestack/runtime";
import type { Common } from "./host.ts";
import type { Surroundings } from "./hosts.ts";
import { defaultInstall, keptInstall } from "./install.ts";
import { measuredCluster } from "./measured.ts";
import { version } from "./version.ts";

/** The capacity-autoscaler of this process: it runs as long as the configuration names node pools. */
export interface CapacityHost extends Stoppable {
  change(common: Common): void;
}

/** Begins as soon as there are node pools, and the cluster tells whose installation this is. */
export function startCapacityHost(around: Surroundings): CapacityHost {
  const { configuration, bus, log, broken, report, notes } = around;
  const { namespace } = configuration.kubernetes;
  let running: CapacityAutoscaler | undefined;
  let close: (() => Promise<void>) | undefined;
  let turn: Promise<void> = Promise.resolve();
  const begin = async (settings: Common): Promise<void> => {
    const source = await clusterSourceOf(configuration.kubernetes, around.secret);
    const cluster = measuredCluster(connectCluster(source), report.meter);
    close = () => cluster.close();
    const install = await installOf(around, cluster);
    if (install === undefined) return;
    running = await startCapacityAutoscaler({
      install,
      version,
      namespace,
      settings,
      bus,
      cluster,
      log,
      timing: systemTiming,
      meter: report.meter,
      notes,
    });
  };
  const end = async (): Promise<void> => {
    const [ended, closing] = [running, close];
    [running, close] = [undefined, undefined];
    await ended?.stop();
    await closing?.();
  };
  const follow = async (settings: Common): Promise<void> => {
    if (settings.nodePools.length === 0) return end();
    if (running !== undefined) return running.change(settings);
    await begin(settings);
  };
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    turn = turn.then(act).catch((error: unknown) => {
      broken(`capacity-autoscaler could not begin: ${sentenceOf(error)}`);
    });
    return turn;
  };
  if (configuration.nodePools.length === 0)
    log.debug("no node pools are configured: capacity-autoscaler has nothing to do");
  void inTurn(() => follow(configuration));
  return {
    name: "capacity-autoscaler",
    change: (common) => void inTurn(() => follow(common)),
    stop: () => inTurn(end),
  };
}

/** The same name that the supervisors find: pods are known by it. */
async function installOf(
  around: Surroundings,
  cluster: ReturnType<typeof connectCluster>,
): Promise<string | undefined> {
  const { configuration, bus, log, signal } = around;
  const masters = configuration.masters.map(({ name }) => name);
  const { namespace } = configuration.kubernetes;
  return (
    configuration.install ??
    (await keptInstall(bus)) ??
    (await defaultInstall({ cluster, namespace, masters, log, timing: systemTiming, signal }))
  );
}
