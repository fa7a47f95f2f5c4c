import { duration } from "@kubestack/contracts";
import { z } from "zod";
import { dryRun } from "../dry-run.ts";

/** Somebody's own program that answers on subjects of NATS. */
export const natsSchema = z.strictObject({
  type: z.literal("nats"),
  /** How long an answer is waited for. */
  timeout: duration({ min: "100ms", max: "30s" }).default(5000),
  dryRun,
});
export type NatsTargetConfig = z.output<typeof natsSchema>;
