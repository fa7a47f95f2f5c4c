import type { Resources } from "./needs.ts";

type Map = Readonly<Record<string, unknown>>;

const powers: Readonly<Record<string, number>> = { n: -3, u: -2, m: -1, k: 1, K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };
const form = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(n|u|m|k|[KMGTPE]i?)?$/;

/** A quantity in any of the ways in which Kubernetes writes one, in cores, bytes or units; undefined where it is none. */
export function amountOf(quantity: unknown): number | undefined {
  if (typeof quantity === "number") return Number.isFinite(quantity) ? quantity : undefined;
  const [, number, unit = ""] = typeof quantity === "string" ? (form.exec(quantity) ?? []) : [];
  if (number === undefined) return undefined;
  return Number(number) * (unit.endsWith("i") ? 1024 : 1000) ** (powers[unit[0] ?? ""] ?? 0);
}

/** What a node has or a pod asks for, by resource, out of a map of quantities: cpu in thousandths of a core. */
export function resourcesOf(quantities: unknown): Resources {
  const of: Record<string, number> = {};
  for (const [resource, quantity] of Object.entries(map(quantities))) {
    const amount = amountOf(quantity);
    // What floating point leaves behind the comma would make equal pods unequal.
    if (amount !== undefined && amount >= 0)
      of[resource] = Math.ceil(Math.round(amount * (resource === "cpu" ? 1e6 : 1e3)) / 1e3);
  }
  return of;
}

/**
 * What a pod's spec asks for as the scheduler reckons it: the sum of its containers and sidecars, or one init container's request, with the
 * sidecars before it, where that is larger; what the pod asks for as a whole stands before that; its overhead comes on top. What is no
 * spec asks for nothing.
 */
export function podRequests(podSpec: unknown): Resources {
  const spec = map(podSpec);
  const running = new Sum();
  for (const container of list(spec.containers)) running.add(requestsOf(container));
  const sidecars = new Sum();
  const most = new Sum();
  for (const container of list(spec.initContainers)) {
    if (container.restartPolicy === "Always") {
      sidecars.add(requestsOf(container));
      running.add(requestsOf(container));
      most.raise(sidecars.of);
    } else most.raise(sidecars.plus(requestsOf(container)));
  }
  running.raise(most.of);
  const whole = { ...running.of, ...requestsOf(spec) };
  const all = new Sum();
  all.add(whole);
  all.add(resourcesOf(spec.overhead));
  return Object.fromEntries(Object.entries(all.of).filter(([resource, amount]) => amount > 0 && resource !== "pods"));
}

class Sum {
  readonly of: Record<string, number> = {};

  add(more: Resources): void {
    for (const [resource, amount] of Object.entries(more)) this.of[resource] = (this.of[resource] ?? 0) + amount;
  }

  /** To as much of each resource as there is in either. */
  raise(least: Resources): void {
    for (const [resource, amount] of Object.entries(least))
      this.of[resource] = Math.max(this.of[resource] ?? 0, amount);
  }

  plus(more: Resources): Resources {
    const sum = new Sum();
    sum.add(this.of);
    sum.add(more);
    return sum.of;
  }
}

/** A container without a request asks for its limit. */
function requestsOf({ resources }: Map): Resources {
  const { requests, limits } = map(resources);
  return { ...resourcesOf(limits), ...resourcesOf(requests) };
}

function list(value: unknown): Map[] {
  return Array.isArray(value) ? value.map(map) : [];
}

function map(value: unknown): Map {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Map) : {};
}
