import { z } from "zod";
import { serviceNames } from "./commands.ts";

/** More masters than these are not told of. */
const mostMasters = 10_000;

/**
 * What a process of a service says of itself every second, to the others of that service. It decides who goes first, never
 * who may: that is the lease's and the ledger's.
 */
export const memberSchema = z.object({
  service: z.enum(serviceNames),
  /** The process's name, random for each start. */
  process: z.string().min(1).max(256),
  /** Rises with each message of the process: one that comes late says nothing new. */
  beat: z.number().int().nonnegative(),
  /** The masters that it may serve; none says that it ends. */
  serves: z.array(z.string()).max(mostMasters),
  /** Those whose lease it holds. */
  holds: z.array(z.string()).max(mostMasters),
});
export type MemberMessage = z.infer<typeof memberSchema>;
