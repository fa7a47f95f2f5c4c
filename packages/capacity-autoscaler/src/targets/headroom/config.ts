import { z } from "zod";
import { objectName } from "../../pools/kubernetes-names.ts";
import { dryRun } from "../dry-run.ts";

/** Pods that hold a place for slaves to come, for a cluster whose own autoscaler decides on nodes. */
export const headroomSchema = z.strictObject({
  type: z.literal("headroom"),
  /** A PriorityClass whose value is below that of all slaves and, for cluster-autoscaler, not below -10. */
  priorityClassName: objectName.default("kubestack-headroom"),
  /** What they run: nothing. */
  image: z
    .string()
    .regex(/^\S+$/, "must be an image; name one that runs and does nothing")
    .default("registry.k8s.io/pause:3.10"),
  /** More than these are never there. */
  maxPods: z.number().int().min(1).max(5000).default(500),
  dryRun,
});
export type HeadroomConfig = z.output<typeof headroomSchema>;
