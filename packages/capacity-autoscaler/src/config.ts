export { type CapacityConfig, capacitySchema } from "./pools/capacity.ts";
export { type NodePoolConfig, nodePoolSchema } from "./pools/entry.ts";
