import { quantity } from "@kubestack/contracts";
import { z } from "zod";

/** `capacity:` of the configuration: what holds for all pools together. */
export const capacitySchema = z.strictObject({
  /** What all nodes of the pools together may have, and cost in an hour. Default: any amount. */
  cpu: quantity.optional(),
  memory: quantity.optional(),
  pricePerHour: z.number().min(0).max(100_000_000).optional(),
});
export type CapacityConfig = z.output<typeof capacitySchema>;
