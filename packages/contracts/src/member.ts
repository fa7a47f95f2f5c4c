import { z } from "zod";
import { leasingServiceNames } from "./commands.ts";

/** More masters than these are not told of. */
const mostMasters = 10_000;
/** Longer sentences on why a process can't work are cut to this. */
export const longestUnable = 1024;

/**
 * What a process of a service says of itself every second, to the others of that service. It decides who goes first, never
 * who may: that is the lease's and the ledger's.
 */
export const memberSchema = z.object({
  service: z.enum(leasingServiceNames),
  /** The process's name, random for each start. */
  process: z.string().min(1).max(256),
  /** Rises with each message of the process: one that comes late says nothing new. */
  beat: z.number().int().nonnegative(),
  /** The masters that it may serve; none says that it ends. */
  serves: z.array(z.string()).max(mostMasters),
  /** Those whose lease it holds. */
  holds: z.array(z.string()).max(mostMasters),
  /** Why it can't do its work now, in words that go after its name; empty: it can, as an older release's messages are taken to say. */
  unable: z.string().max(longestUnable).default(""),
});
export type MemberMessage = z.infer<typeof memberSchema>;
