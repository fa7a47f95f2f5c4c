import { readAs } from "@kubestack/hooks";
import { z } from "zod";

/** What the plugin tells of a build; `queued` comes together with `started`, and says nothing of its own. */
const phases = {
  QUEUED: "queued",
  STARTED: "started",
  COMPLETED: "completed",
  FINALIZED: "finalized",
} as const;
export type Phase = (typeof phases)[keyof typeof phases];

/** What one notification tells. It says where to look, never what is so. */
export interface Notice {
  readonly phase: Phase;
  /** The build's whole address; null where the master does not know its own. */
  readonly url: string | null;
}

/** A notification as it was understood, or why it was not. */
export type Reading = { readonly notice: Notice } | { readonly unreadable: string };

const bodySchema = z.object({
  build: z.object({ phase: z.string().max(64), full_url: z.string().max(4096).nullish() }),
});

/** Reads the body of a notification, which was read as JSON. Of all that is told only what is used. Never raises. */
export function readNotice(body: unknown): Reading {
  const read = readAs(bodySchema, body);
  if ("unreadable" in read) return { unreadable: "it is not what the Notification plugin sends as JSON" };
  const { phase, full_url: url } = read.data.build;
  if (!isPhase(phase)) return { unreadable: "its phase is none of the plugin's" };
  return { notice: { phase: phases[phase], url: url || null } };
}

function isPhase(phase: string): phase is keyof typeof phases {
  return Object.hasOwn(phases, phase);
}
