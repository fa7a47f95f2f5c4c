/**
 * capacity-autoscaler: decides how many nodes each pool has, from the supervisors' plans and from pods that wait, and has them made.
 * It must never know a master or a build, end a pod that runs one, or know another service.
 */
export { type CapacityAutoscaler, type CapacityAutoscalerOptions, startCapacityAutoscaler } from "./service.ts";
export type { CapacitySettings } from "./settings.ts";
