import type { Amounts } from "@kubestack/contracts";

/** What a cap may be of. */
export const cappedResources = ["slaves", "cpu", "memory"] as const;
export type CappedResource = (typeof cappedResources)[number];

/** The most that may be had at once; of what is absent any amount. */
export type Caps = Partial<Readonly<Record<CappedResource, number>>>;

export const nothing: Amounts = { slaves: 0, cpu: 0, memory: 0 };

export function plus(a: Amounts, b: Amounts): Amounts {
  return { slaves: a.slaves + b.slaves, cpu: a.cpu + b.cpu, memory: a.memory + b.memory };
}

export function sumOf(all: Iterable<Amounts>): Amounts {
  let sum = nothing;
  for (const one of all) sum = plus(sum, one);
  return sum;
}

/** Of each resource the larger of two amounts. */
export function largerOf(a: Amounts, b: Amounts): Amounts {
  return {
    slaves: Math.max(a.slaves, b.slaves),
    cpu: Math.max(a.cpu, b.cpu),
    memory: Math.max(a.memory, b.memory),
  };
}

export function areEqual(a: Amounts, b: Amounts): boolean {
  return cappedResources.every((of) => a[of] === b[of]);
}

/** The first resource of which there would be more than the cap; undefined where there is room. */
export function exceeded(amounts: Amounts, caps: Caps): CappedResource | undefined {
  return cappedResources.find((of) => amounts[of] > (caps[of] ?? Number.POSITIVE_INFINITY));
}

/** How much of the caps somebody has, by the resource of which it is the largest part; and which that is. */
export function dominant(used: Amounts, caps: Caps): { readonly of: CappedResource; readonly part: number } {
  let most: { of: CappedResource; part: number } = { of: "slaves", part: 0 };
  for (const of of cappedResources) {
    const cap = caps[of];
    const part = cap === undefined || cap <= 0 ? 0 : used[of] / cap;
    if (part > most.part) most = { of, part };
  }
  if (caps.slaves === undefined && most.part === 0)
    most = { of: cappedResources.find((of) => caps[of] !== undefined) ?? "slaves", part: 0 };
  return most;
}
