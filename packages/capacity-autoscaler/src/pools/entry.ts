import { duration, entityName, quantity, quantityAmount } from "@kubestack/contracts";
import { z } from "zod";
import { targetConfigSchema } from "../targets/config.ts";
import { labelValue, qualifiedName } from "./kubernetes-names.ts";

const taint = z.strictObject({
  key: qualifiedName,
  value: labelValue.optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"], {
    error: "must be NoSchedule, PreferNoSchedule or NoExecute; correct it",
  }),
});

const positive = quantity.refine((text) => (quantityAmount(text) ?? 1) > 0, "must be more than 0; correct it");

/** A node as it is bought. */
const shape = z.strictObject({
  cpu: positive,
  memory: positive,
  /** Ephemeral storage. Default: as much as is asked for. */
  disk: positive.optional(),
  /** How many pods it takes. */
  pods: z.number().int().min(1).max(10_000).default(110),
});

/** What the system of a node keeps of that for itself; as soon as one was seen, that one tells. */
const overhead = z.strictObject({ cpu: quantity.optional(), memory: quantity.optional(), disk: quantity.optional() });

const nodes = z.number({ error: "must be a number of nodes; correct it" }).int().min(0).max(100_000);

/** One entry of `nodePools:`. */
export const nodePoolSchema = z
  .strictObject({
    name: entityName,
    /** What each of its nodes carries, and no node of another pool does. */
    nodeLabels: z
      .record(qualifiedName, labelValue, { error: "must be labels of its nodes, such as {pool: ci-spot}; give them" })
      .refine(
        (labels) => Object.keys(labels).length > 0,
        "must name at least one label; give one that only its nodes carry",
      ),
    taints: z.array(taint).max(20).default([]),
    shape: shape.optional(),
    overhead: overhead.prefault({}),
    /** Where its nodes come up. Default: what `nodeLabels` says, or anywhere. */
    zones: z.array(labelValue).min(1, "must name at least one zone, or be left out").max(20).optional(),
    /** Nodes that stay, needed or not. */
    min: nodes.optional(),
    max: nodes.optional(),
    /** Of one node, in whatever currency the others have. */
    pricePerHour: z.number().min(0).max(1_000_000).default(0),
    /** Whether its nodes may be taken back at any time. */
    spot: z.boolean({ error: "must be true or false; correct it" }).default(false),
    /** A node that was asked for is there within this time, or the pool is held back for a while. */
    deliverWithin: duration({ min: "10s", max: "1h" }).default(5 * 60_000),
    /** A node that nothing needs is kept for this long. */
    idleTimeout: duration({ min: "10s", max: "24h" }).default(5 * 60_000),
    /** How many of its nodes may be on their way out at once. */
    removeAtOnce: z.number().int().min(0).max(1000).default(5),
    target: targetConfigSchema,
  })
  .superRefine((pool, context) => {
    const fault = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
    if (pool.target.type === "headroom") {
      for (const key of ["shape", "min", "max"] as const)
        if (pool[key] !== undefined)
          fault(
            key,
            "goes with nodes that KubeStack asks for; remove it, since with headroom the cluster's own autoscaler decides on nodes",
          );
      return;
    }
    if (pool.shape === undefined)
      fault("shape", "must be given; say what a node has for pods, such as {cpu: 16, memory: 64Gi, pods: 58}");
    if (pool.max === undefined) fault("max", "must be given; say how many nodes there may be at most");
    else if ((pool.min ?? 0) > pool.max) fault("min", `must not be above max (${pool.max}); correct one of them`);
  });
export type NodePoolConfig = z.output<typeof nodePoolSchema>;
