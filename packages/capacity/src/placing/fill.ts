import type { Acceptance } from "./acceptance.ts";
import type { Kind } from "./kinds.ts";
import type { Host } from "./refusal.ts";
import { fitting, take, type Vector } from "./space.ts";
import type { Topology } from "./topology.ts";

/** A host with what is still free on it, and which pods were given to it. */
export interface Ground extends Host {
  readonly room: Vector;
  readonly pods: string[];
}

/** Pods of one kind; the first `placed` of its names have a place. */
export interface Waiting {
  readonly kind: Kind;
  placed: number;
}

/** What placing goes by. */
export interface Rules {
  readonly acceptance: Acceptance;
  readonly topology: Topology;
}

/** Gives the pods that wait places on hosts, in the order of both, as many as there is room for. */
export function fill(waiting: readonly Waiting[], grounds: readonly Ground[], rules: Rules): void {
  for (const one of waiting) {
    if (one.placed === one.kind.names.length) continue;
    const { needs } = one.kind;
    const able = grounds.filter((ground) => rules.acceptance.refusal(needs, ground) === null);
    if (rules.topology.isFree(needs)) for (const ground of able) placeMany(one, ground, rules);
    else if (rules.topology.isSpread(needs)) spreadOut(one, able, rules);
    else for (const ground of able) while (placeOne(one, ground, rules));
  }
}

function placeMany(one: Waiting, ground: Ground, rules: Rules): void {
  const { kind, placed } = one;
  const count = fitting(kind.ask, ground.room, kind.names.length - placed);
  if (count > 0) put(one, { ground, count, rules });
}

function placeOne(one: Waiting, ground: Ground, rules: Rules): boolean {
  const { kind, placed } = one;
  if (placed === kind.names.length || fitting(kind.ask, ground.room, 1) === 0) return false;
  if (rules.topology.isKeptApart(kind.needs, ground.labels)) return false;
  put(one, { ground, count: 1, rules });
  return true;
}

/** One after the other, each where its spread allows it. */
function spreadOut(one: Waiting, able: readonly Ground[], rules: Rules): void {
  const labels = able.map((ground) => ground.labels);
  let last = -1;
  while (one.placed !== last && one.placed < one.kind.names.length) {
    last = one.placed;
    const isUneven = rules.topology.unevenOver(one.kind.needs, labels);
    for (const ground of able) if (!isUneven(ground.labels) && placeOne(one, ground, rules)) break;
  }
}

/** Puts so many of them there. */
export function put(
  one: Waiting,
  { ground, count, rules }: { readonly ground: Ground; readonly count: number; readonly rules: Rules },
): void {
  const { kind, placed } = one;
  take(ground.room, kind.ask, count);
  for (let index = placed; index < placed + count; index += 1) ground.pods.push(kind.names[index] ?? "");
  rules.topology.place(kind.needs, ground.labels, count);
  one.placed += count;
}
