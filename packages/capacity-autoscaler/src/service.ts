import type { Bus } from "@kubestack/bus";
import { commands, type ServiceStatus } from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import type { Meter } from "@kubestack/metrics";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import { type Deciding, deciding } from "./deciding.ts";
import { tellGauges } from "./gauges.ts";
import { Leading } from "./leading.ts";
import type { NodePoolConfig } from "./pools/entry.ts";
import type { CapacitySettings } from "./settings.ts";
import { standingsOf } from "./standings.ts";
import { guarded } from "./targets/guarded.ts";
import { connectTarget } from "./targets/index.ts";

export interface CapacityAutoscalerOptions {
  readonly install: string;
  readonly version: string;
  /** Where slaves' pods run. */
  readonly namespace: string;
  readonly settings: CapacitySettings;
  readonly bus: Bus;
  /** A connection of this service's own. */
  readonly cluster: Cluster;
  readonly log: Logger;
  readonly timing: Timing;
  /** Default: as @kubestack/capacity decides. */
  readonly deciding?: Deciding;
  /** Told what is counted; default: nobody counts. */
  readonly meter?: Meter | undefined;
  /** What a person has to mend about this process; default: nothing. */
  readonly notes?: () => readonly string[];
}

/** An autoscaler that runs. */
export interface CapacityAutoscaler extends Stoppable {
  /** Decides by other settings from now on: what is remembered of pools that stay goes on. */
  change(settings: CapacitySettings): Promise<void>;
  /** Whether this process decides now. */
  isLeader(): boolean;
}

/** There is one cluster, and one process that decides on its pools. */
const cluster = "cluster";

/** Starts standing by for the node pools, and deciding on them whenever it is this process's turn. */
export async function startCapacityAutoscaler(options: CapacityAutoscalerOptions): Promise<CapacityAutoscaler> {
  const { bus, install, version, meter } = options;
  const startedAt = bus.clock.now();
  const service = await bus.serve("capacity-autoscaler", version);
  let { settings } = options;
  let leading: Leading | undefined;
  /** One change of who decides, and by what, after the other. */
  let turn: Promise<void> = Promise.resolve();
  let isEnding = false;
  const begin = (): void => {
    if (isEnding || !lease.isHeld()) return;
    leading = new Leading({
      ...options,
      deciding: options.deciding ?? deciding,
      meter,
      settings,
      isHeld: () => lease.isHeld(),
      connect: (pool) => connected(pool, options),
    });
  };
  const end = async (): Promise<void> => {
    const ended = leading;
    leading = undefined;
    await ended?.stop();
  };
  const inTurn = (act: () => Promise<void> | void): Promise<void> => {
    turn = turn
      .then(act)
      .catch((error: unknown) => options.log.error(error as Error, "the node pools could not be taken over"));
    return turn;
  };
  const lease = bus.lease(
    { service: "capacity-autoscaler", master: cluster },
    {
      onChange: (isHeld, reason) => {
        options.log.info(
          { isHeld },
          `${isHeld ? "this process decides on the node pools" : "another one decides on the node pools"}: ${reason}`,
        );
        void inTurn(async () => {
          await end();
          if (isHeld) begin();
        });
      },
      settled: () => inTurn(end),
    },
  );
  service.answer(commands.autoscalerStatus, (): ServiceStatus => {
    return {
      service: "capacity-autoscaler",
      version,
      install,
      process: bus.process,
      startedAt,
      clockOffsetMs: bus.clock.offsetMs(),
      masters: [],
      notes: [...(options.notes?.() ?? []), ...(leading?.troubles ?? [])],
    };
  });
  const standings = () => standingsOf(settings, leading?.known, bus.clock.now());
  service.answer(commands.pools, () => ({ isLeader: lease.isHeld() && leading !== undefined, ...standings() }));
  const untold = meter && tellGauges(meter, () => (leading === undefined ? [] : standings().pools));
  await service.known();
  return {
    name: "capacity-autoscaler",
    isLeader: () => lease.isHeld() && leading !== undefined,
    change: (changed) =>
      inTurn(async () => {
        settings = changed;
        if (leading === undefined) return;
        await end();
        begin();
      }),
    stop: async () => {
      isEnding = true;
      untold?.();
      await inTurn(end);
      await lease.release();
      await service.stop();
    },
  };
}

function connected(pool: NodePoolConfig, options: CapacityAutoscalerOptions) {
  const { install, namespace, bus, timing } = options;
  const target = connectTarget(pool.target, { pool, install, namespace, bus, cluster: options.cluster });
  return guarded(target, { pool: pool.name, isDryRun: pool.target.dryRun, timing });
}
