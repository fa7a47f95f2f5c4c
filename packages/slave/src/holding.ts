import { type Held, printInstant, type SlaveLife, type SlaveRecord } from "@kubestack/contracts";
import type { SlaveEvent } from "./events.ts";
import { isLostPodThere, isPodAlive, isPodKept, mayHaveNode } from "./life.ts";

/** A slave that somebody holds takes no further build, and its pod stays for people to look into until the hold is over. */

/** Whether its pod stays now because somebody holds it. One that is being deleted can't be kept from going. */
export function isHeld({ held, pod }: SlaveLife): boolean {
  return held !== null && pod.goneAt === null && pod.goneBy === null;
}

/** Whether it can be held now, or held longer: its pod is there, and nothing has been asked for yet that ends it. */
export function mayBeHeld(life: SlaveLife): boolean {
  const { pod } = life;
  if (pod.goneAt !== null || pod.goneBy !== null || pod.retained !== null) return false;
  return isHeld(life) || (isPodAlive(life) && mayHaveNode(life) && !life.podMayGoFirst);
}

/** Why a slave can't be held, as a sentence; undefined: it can. Pure. */
export function refusedHold({ name, state, life }: Pick<SlaveRecord, "name" | "state" | "life">): string | undefined {
  if (state === "requested")
    return `${name} has no pod yet, so there is nothing to look into: hold it when it is scheduled.`;
  const { retained } = life.pod;
  if (retained !== null && isPodKept(life))
    return `${name} is over, and its pod is stopped and kept until ${printInstant(retained.until)} already: its logs can be read until then.`;
  if (isLostPodThere(life))
    return `The pod of ${name} was lost and is being deleted, so that another one can follow: hold it when that is there.`;
  if (state === "deleted") return `${name} is over, and so is its pod: only a slave that lives can be held.`;
  if (state !== "draining" || mayBeHeld(life)) return undefined;
  return `${name} is on its way out, and its pod is being deleted already: it is too late to hold it.`;
}

/** Whether it is told anything that it does not know. A pod that was lost goes, so that the next one can come: none of it can be held. */
export function isNewHold(life: SlaveLife, { by, until, reason }: Omit<Held, "at">): boolean {
  const { held } = life;
  if (isLostPodThere(life)) return false;
  return held === null || held.by !== by || held.until !== until || held.reason !== reason;
}

/** Held, until then. Its mark is set anew, with the words that say so; what it runs goes on, and is its last build. */
export function holdBegun(
  life: SlaveLife,
  { at, by, until, reason }: Extract<SlaveEvent, { type: "hold.requested" }>,
): SlaveLife {
  return { ...markedAnew(life), held: { at, by, until, reason }, goesAfterBuild: true };
}

/**
 * Held no longer: it goes on to leave. Whoever looked into it may have changed anything, also at the master, so what was marked
 * and seen there counts no more.
 */
export function holdOver(life: SlaveLife): SlaveLife {
  return { ...markedAnew(life), held: null };
}

function markedAnew(life: SlaveLife): SlaveLife {
  return { ...life, markedAt: null, idleLooks: 0, lastLookAt: null };
}

/** `held by ann until 2026-03-04 14:00:07 UTC: why does it fail`. */
export function toldHold({ by, until, reason }: Omit<Held, "at">): string {
  return `held by ${by} until ${printInstant(until)}${reason === "" ? "" : `: ${reason}`}`;
}
