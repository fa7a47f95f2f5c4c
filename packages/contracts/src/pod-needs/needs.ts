import { z } from "zod";

/** What one pod may say at most of each kind; what says more is told as far as that. */
export const needsLimits = { terms: 20, requirements: 30, values: 100, tolerations: 50, pairs: 50, zones: 50 } as const;

const key = z.string().max(320);
const value = z.string().max(320);

/** Cpu in thousandths of a core, memory and ephemeral storage in bytes, everything else in units. What is absent is 0. */
export const resourcesSchema = z.record(key, z.number().nonnegative());
export type Resources = Readonly<z.infer<typeof resourcesSchema>>;

export const requirementOperators = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"] as const;

/** What one label must be, as Kubernetes writes it. */
export const requirementSchema = z.object({
  key,
  operator: z.enum(requirementOperators),
  values: z.array(value).max(needsLimits.values).optional(),
});
export type Requirement = z.infer<typeof requirementSchema>;

const requirementsSchema = z.array(requirementSchema).max(needsLimits.requirements);

/** A taint that a pod bears; what is absent is any. */
export const tolerationSchema = z.object({
  key: key.optional(),
  /** `Equal`, the default, or `Exists`. */
  operator: z.string().optional(),
  value: value.optional(),
  effect: z.string().optional(),
});
export type Toleration = z.infer<typeof tolerationSchema>;

/** How evenly pods must be spread over the values of a node's label. */
export const spreadSchema = z.object({
  topologyKey: key,
  maxSkew: z.number().int().positive(),
  /** Fewer values than that count as if one had no pod. Default 1. */
  minDomains: z.number().int().positive().optional(),
  /** Which pods are counted, by their labels. */
  selector: requirementsSchema,
});
export type Spread = z.infer<typeof spreadSchema>;

/** Pods that may not share a value of a node's label with this one. */
export const apartSchema = z.object({ topologyKey: key, selector: requirementsSchema });
export type Apart = z.infer<typeof apartSchema>;

/**
 * What the scheduler asks of a node for one pod, as far as it must be: what is only preferred is not here. It must be equal for equal pods,
 * so that a thousand of them are one shape and a number.
 */
export const podNeedsSchema = z.object({
  /** What it takes of a node, `pods` (1) left out. */
  requests: resourcesSchema,
  nodeSelector: z.record(key, value).optional(),
  /** Required node affinity: all requirements of one of these terms. Absent: none is required. */
  affinity: z.array(requirementsSchema).max(needsLimits.terms).optional(),
  tolerations: z.array(tolerationSchema).max(needsLimits.tolerations).optional(),
  /** Topology spread constraints that forbid scheduling. */
  spread: z.array(spreadSchema).max(needsLimits.terms).optional(),
  /** Required pod anti-affinity. */
  apart: z.array(apartSchema).max(needsLimits.terms).optional(),
  /** Where the volumes are that are bound already; absent: anywhere. */
  zones: z.array(value).max(needsLimits.zones).optional(),
  /** The node pools of its template, in their order; absent: any that it fits. */
  pools: z.array(z.string().max(100)).max(needsLimits.terms).optional(),
  namespace: z.string().max(253).optional(),
  /** Its own labels, by which `spread` and `apart` of any pod select. */
  labels: z.record(key, value).optional(),
});
export type PodNeeds = z.infer<typeof podNeedsSchema>;
