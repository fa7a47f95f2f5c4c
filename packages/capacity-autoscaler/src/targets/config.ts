import { z } from "zod";
import { awsAsgSchema } from "./aws-asg/config.ts";
import { headroomSchema } from "./headroom/config.ts";
import { natsSchema } from "./nats/config.ts";
import { scaleSchema } from "./scale/config.ts";

/** `target:` of a pool: one line for each type. */
export const targetConfigSchema = z.discriminatedUnion(
  "type",
  [scaleSchema, headroomSchema, natsSchema, awsAsgSchema],
  {
    error: "must be a target of a known type (scale, headroom, nats, aws-asg); correct its type",
  },
);
export type TargetConfig = z.output<typeof targetConfigSchema>;
