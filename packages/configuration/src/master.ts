import { z } from "zod";
import { jenkinsMasterSchema } from "./jenkins-master.ts";
import { ownMasterSchema } from "./own-master.ts";

/** One entry of `masters:`, put together from what each service and the adapter want to know. */
export const masterSchema = z.discriminatedUnion("type", [jenkinsMasterSchema, ownMasterSchema], {
  // What is no entry at all has a sentence of its own.
  error: ({ code }) => (code === "invalid_union" ? "must be jenkins, gearman or external; correct it" : undefined),
});
export type MasterConfig = z.output<typeof masterSchema>;

/** One that is a Jenkins or a Hudson. */
export type JenkinsMasterConfig = Extract<MasterConfig, { type: "jenkins" }>;

/** Whether a master is a Jenkins or a Hudson. */
export function isJenkins(master: MasterConfig): master is JenkinsMasterConfig {
  return master.type === "jenkins";
}
