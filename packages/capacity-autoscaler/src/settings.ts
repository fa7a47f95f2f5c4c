import type { CapacityConfig } from "./pools/capacity.ts";
import type { NodePoolConfig } from "./pools/entry.ts";

/** What the configuration says of node pools. */
export interface CapacitySettings {
  readonly nodePools: readonly NodePoolConfig[];
  readonly capacity: CapacityConfig;
}
