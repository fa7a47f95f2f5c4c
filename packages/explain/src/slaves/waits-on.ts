import type { SlaveLife, SlaveRecord } from "@kubestack/contracts";
import { isHeld, isLastBuild, isLostPodThere, mayHaveNode } from "@kubestack/slave";
import { printAge } from "../words/age.ts";

/** What has to happen next for a slave, in a few words; null for one that is over or has nothing before it. */
export function waitsOn({ state, life }: Pick<SlaveRecord, "state" | "life">, now: number): string | null {
  switch (state) {
    case "requested":
      return `its pod${detail(life)}`;
    case "scheduled":
      return starting(life);
    case "online":
      return lost(life, now) ?? (life.goesAfterBuild ? "to be drained" : "a build");
    case "busy":
      if (life.lost !== null) return following(life);
      return lost(life, now) ?? heldAfter(life, now) ?? (isLastBuild(life) ? "goes after its build" : "its build");
    case "draining":
      return holding(life, now) ?? stillThere(life);
    case "deleted":
      return kept(life, now);
  }
}

function starting(life: SlaveLife): string {
  const { waitsOn: phase } = life.pod;
  const isUp = phase === "start" || phase === "agent";
  // The containers can't start, nor the agent connect, before the master's node and its Secret are made.
  if (isUp && life.secret.createdAt === null)
    return life.node.registeredAt === null ? "its node at the master" : "its Secret";
  return `${phase}${detail(life)}`;
}

/** Its pod was lost, and another one follows under the same node. */
function following(life: SlaveLife): string {
  if (isLostPodThere(life)) return `its lost pod to be gone, before pod ${life.attempt + 1} follows`;
  return `pod ${life.attempt}${life.pod.uid === null ? "" : `: ${starting(life)}`}`;
}

function detail({ pod }: SlaveLife): string {
  return pod.waitDetail === "" ? "" : `: ${pod.waitDetail}`;
}

function lost({ agent }: SlaveLife, now: number): string | undefined {
  return agent.lostAt === null ? undefined : `its agent, lost ${printAge(now - agent.lostAt)} ago`;
}

/** Somebody looks into it, and when that is over. */
function holding(life: SlaveLife, now: number): string | undefined {
  if (life.held === null || !isHeld(life)) return undefined;
  return `held by ${life.held.by}, release ${printAge(life.held.until - now)}`;
}

function heldAfter(life: SlaveLife, now: number): string | undefined {
  const hold = holding(life, now);
  return hold === undefined ? undefined : `its build, then ${hold}`;
}

function stillThere(life: SlaveLife): string {
  const parts = [
    ...(mayHaveNode(life) ? ["node"] : []),
    ...(life.pod.goneAt === null ? ["pod"] : []),
    ...(life.secret.goneAt === null && life.secret.createdAt !== null ? ["Secret"] : []),
  ];
  return parts.length === 0 ? "nothing more" : `still there: ${parts.join(", ")}`;
}

/** Its pod outlives it, to be looked into. */
function kept({ pod: { retained, goneAt } }: SlaveLife, now: number): string | null {
  if (retained === null || goneAt !== null || retained.until <= now) return null;
  return `its pod goes in ${printAge(retained.until - now)}: ${retained.because}`;
}
