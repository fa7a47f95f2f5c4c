import type { SlaveLife } from "@kubestack/contracts";
import { isPodAlive, mayHaveNode } from "./life.ts";

/** That a slave's pod is to be kept when it is over, for people to look into. */
export interface PodRetention {
  /** Why, as a sentence. */
  readonly because: string;
  /** Only if this build ended as a failure: its master is asked. */
  readonly ifFailed?: string;
}

/**
 * Whether the pod is to be kept instead of deleted, as its template wants it: that of a launch that failed, of an agent that ended
 * under its build, or of any that served. Never one that nobody wanted, nor one that is on its way out already, or never came to a machine; and never one in
 * which a build can run: its process has ended, or its node is gone.
 */
export function retentionOf(life: SlaveLife): PodRetention | undefined {
  const { pod, outcome, builds, limits } = life;
  const { retain } = limits;
  if (retain === undefined || pod.uid === null || pod.retained !== null || pod.isRetentionOver) return undefined;
  if (pod.goneAt !== null || pod.goneBy !== null || pod.isOverdue || outcome === "withdrawn") return undefined;
  // One that no machine has taken has nothing to show, and nobody there to stop it.
  if (pod.node === null) return undefined;
  if (isPodAlive(life) && mayHaveNode(life)) return undefined;
  if (outcome === "failed") return { because: life.trail.findLast(({ state }) => state === "draining")?.reason ?? "" };
  if (hasEndedUnderBuild(life)) return { because: `its agent ended under ${builds.current?.url ?? builds.lastUrl}` };
  if (retain.when === "always") return { because: "its template keeps every pod" };
  return builds.lastUrl === null ? undefined : { because: `${builds.lastUrl} failed`, ifFailed: builds.lastUrl };
}

/** Whether the agent's container ended before the build that it ran did. */
function hasEndedUnderBuild({ pod, builds }: SlaveLife): boolean {
  if (pod.endedAt === null) return false;
  return builds.current !== null || (builds.finishedAt !== null && pod.endedAt < builds.finishedAt);
}
