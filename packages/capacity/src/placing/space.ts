import type { Resources } from "@kubestack/contracts";

/** Amounts of all resources that matter, in the order of a space. */
export type Vector = Float64Array;

/** How many pods a node takes where nothing says it. */
const usualPods = 110;

/** The resources that pods ask for: what none of them asks for is not counted. */
export class Space {
  readonly resources: readonly string[];

  constructor(asked: Iterable<Resources>) {
    const all = new Set(["pods", "cpu", "memory"]);
    for (const requests of asked) for (const resource of Object.keys(requests)) all.add(resource);
    this.resources = [...all];
  }

  /** What one pod takes. */
  ask(requests: Resources): Vector {
    return Float64Array.from(this.resources, (one) => (one === "pods" ? 1 : (requests[one] ?? 0)));
  }

  /** What a node has. */
  room(allocatable: Resources): Vector {
    return Float64Array.from(this.resources, (one) => allocatable[one] ?? (one === "pods" ? usualPods : 0));
  }

  /** What is missing most for one pod, and why: for people. */
  shortage(ask: Vector, room: Vector): string | undefined {
    const at = ask.findIndex((amount, index) => amount > (room[index] ?? 0));
    if (at === -1) return undefined;
    const resource = this.resources[at] ?? "";
    return `the pod asks for ${printAmount(resource, ask[at] ?? 0)}, and an empty node of it has ${printAmount(resource, Math.max(0, room[at] ?? 0))}`;
  }
}

/** How many such pods a room takes. */
export function fitting(ask: Vector, room: Vector, most: number): number {
  let count = most;
  for (let index = 0; index < ask.length && count > 0; index += 1) {
    const one = ask[index] ?? 0;
    if (one > 0) count = Math.min(count, Math.floor((room[index] ?? 0) / one));
  }
  return Math.max(0, count);
}

/** Takes room for so many such pods. */
export function take(room: Vector, ask: Vector, count: number): void {
  for (let index = 0; index < ask.length; index += 1) room[index] = (room[index] ?? 0) - count * (ask[index] ?? 0);
}

/** `1500m cpu`, `4Gi memory`, `2 nvidia.com/gpu`. */
export function printAmount(resource: string, amount: number): string {
  if (resource === "cpu") return `${amount % 1000 === 0 ? amount / 1000 : `${amount}m`} cpu`;
  if (resource !== "memory" && resource !== "ephemeral-storage") return `${amount} ${resource}`;
  const power = amount >= 2 ** 30 ? 3 : 2;
  return `${Number((amount / 1024 ** power).toFixed(1))}${["", "Ki", "Mi", "Gi"][power]} ${resource}`;
}
