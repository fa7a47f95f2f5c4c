import type { SlaveRecord } from "@kubestack/contracts";
import { remedyOf } from "@kubestack/slave";
import { waitsOn } from "../slaves/waits-on.ts";
import { nameBuilds } from "../words/build-name.ts";
import type { Evidence } from "./explanation.ts";

/** The states that a slave entered, when and why. */
export function trailOf({ name, life }: SlaveRecord): Evidence[] {
  const dropped =
    life.trailDropped === 0 ? [] : [{ at: null, fact: `${life.trailDropped} earlier states are not kept` }];
  return [
    ...dropped,
    ...life.trail.map(({ state, at, reason }) => ({ at, fact: `${name} ${state}: ${nameBuilds(reason)}` })),
  ];
}

/** What a slave waits for that is not online yet, and since when. */
export function waitEvidence(slave: SlaveRecord, now: number): Evidence[] {
  const { state, life } = slave;
  if (state !== "scheduled" && life.lost === null) return [];
  const on = life.pod.node === null ? "" : ` (on ${life.pod.node})`;
  return [{ at: life.pod.waitsSince, fact: `waits for ${waitsOn(slave, now)}${on}` }];
}

/** What a person may do about what keeps a starting slave waiting; undefined where that is not known, or says it itself. */
export function remedyFor({ state, life, namespace }: SlaveRecord): string | undefined {
  const { trouble } = life.pod;
  return (state !== "scheduled" && life.lost === null) || trouble === null
    ? undefined
    : remedyOf(trouble.class, { namespace });
}

/** When and why a slave began to go, and by what it was lost where that came out later; of one that goes not yet, its newest state. */
export function endOf({ life }: SlaveRecord): { at: number | null; why: string } {
  const entry = life.trail.findLast(({ state }) => state === "draining") ?? life.trail.at(-1);
  const why = nameBuilds(entry?.reason ?? "nothing is kept of it");
  const lostBy = life.failure?.reason;
  return { at: entry?.at ?? null, why: lostBy === undefined ? why : `${why}; ${lostBy}` };
}
