import type { Pool, PoolLimits } from "@kubestack/capacity";
import { quantityAmount, type Resources } from "@kubestack/contracts";
import type { CapacityConfig } from "./capacity.ts";
import type { NodePoolConfig } from "./entry.ts";

/** A pool as decisions know it; undefined where the cluster's own autoscaler decides on its nodes. */
export function poolOf(config: NodePoolConfig): Pool | undefined {
  const { name, nodeLabels, taints, shape, overhead, min = 0, max, pricePerHour, spot: isSpot, zones } = config;
  if (shape === undefined || max === undefined) return undefined;
  const kept = resourcesIn(overhead);
  return {
    name,
    nodeLabels,
    taints,
    shape: { ...resourcesIn(shape), pods: shape.pods },
    ...(Object.keys(kept).length === 0 ? {} : { overhead: kept }),
    min,
    max,
    pricePerHour,
    isSpot,
    deliverWithinMs: config.deliverWithin,
    scaleDownDelayMs: config.idleTimeout,
    disruptionBudget: config.removeAtOnce,
    ...(zones === undefined ? {} : { zones }),
  };
}

/** What holds for all pools together, as decisions know it. */
export function limitsOf({ cpu, memory, pricePerHour }: CapacityConfig): PoolLimits {
  const { cpu: thousandths, memory: bytes } = resourcesIn({ cpu, memory });
  return { cpu: thousandths, memory: bytes, pricePerHour };
}

interface Written {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly disk?: string | undefined;
}

/** Thousandths of a core, and bytes. */
function resourcesIn({ cpu, memory, disk }: Written): Resources {
  const amounts = Object.entries({ cpu, memory, "ephemeral-storage": disk }).flatMap(([resource, text]) => {
    const amount = text === undefined ? undefined : quantityAmount(text);
    return amount === undefined ? [] : [[resource, Math.ceil(resource === "cpu" ? amount * 1000 : amount)] as const];
  });
  return Object.fromEntries(amounts);
}
