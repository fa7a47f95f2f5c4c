import { z } from "zod";
import { dryRun } from "../dry-run.ts";

/** An Auto Scaling group of AWS. Its credentials are those that AWS gives to the process: a role, not keys. */
export const awsAsgSchema = z.strictObject({
  type: z.literal("aws-asg"),
  group: z.string({ error: "must be the group's name; give it" }).min(1, "must not be empty; give it").max(255),
  region: z
    .string({ error: "must be a region; such as eu-central-1" })
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, "is no region; write it as eu-central-1"),
  /** Default: AWS's own for the region. */
  endpoint: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address; correct it" }).optional(),
  dryRun,
});
export type AwsAsgConfig = z.output<typeof awsAsgSchema>;
