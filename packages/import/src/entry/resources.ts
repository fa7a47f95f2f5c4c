import { quantityAmount, quantityForm } from "@kubestack/contracts";
import type { Json, JsonMap } from "@kubestack/templates";
import { said } from "../reading/fields.ts";
import { mapAt } from "../reading/symbols.ts";

/** What a template says of its agent's resources: short where that says all, the rest in its pod. */
export interface AgentResources {
  readonly short: JsonMap;
  /** `resources` of the container in the template's pod; null takes away what KubeStack usually gives. */
  readonly rest: JsonMap;
  /** Of what there is no limit here either. */
  readonly unlimited: readonly string[];
}

/** What the plugin asks for where its agent's container says nothing of resources. */
export const pluginRequests: JsonMap = { requests: { cpu: "100m", memory: "256Mi" } };

/**
 * The same resources in our words: `memory` and `disk` are request and limit, `cpu` is a request. What had no limit gets none:
 * builds that lived with that would be killed by the usual one.
 */
export function agentResources(resources: JsonMap): AgentResources {
  const [requests, limits] = [mapAt(resources, "requests"), mapAt(resources, "limits")];
  const short: Record<string, Json> = {};
  const restRequests: Record<string, Json> = {};
  const restLimits: Record<string, Json> = {};
  const asked = (name: string): Json | undefined => requests[name] ?? limits[name];
  const cpu = asked("cpu");
  if (isShort(cpu)) short.cpu = String(cpu);
  else restRequests.cpu = cpu ?? null;
  if (limits.cpu !== undefined) restLimits.cpu = limits.cpu;
  for (const [name, key] of [
    ["memory", "memory"],
    ["ephemeral-storage", "disk"],
  ] as const) {
    const [request, limit] = [asked(name), limits[name]];
    if (isShort(request) && same(request, limit)) short[key] = String(request);
    else {
      restRequests[name] = request ?? null;
      restLimits[name] = limit ?? null;
    }
  }
  const others = { ...without(requests), ...restRequests };
  const otherLimits = { ...without(limits), ...restLimits };
  return {
    short,
    rest: said({ requests: unlessEmpty(others), limits: unlessEmpty(otherLimits), claims: resources.claims }),
    unlimited: ["memory", "ephemeral-storage"].filter((name) => limits[name] === undefined),
  };
}

function without({ cpu: _cpu, memory: _memory, "ephemeral-storage": _disk, ...others }: JsonMap): JsonMap {
  return others;
}

function isShort(amount: Json | undefined): boolean {
  return (typeof amount === "string" || typeof amount === "number") && quantityForm.test(String(amount));
}

function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const [a, b] = [quantityAmount(String(one)), quantityAmount(String(other))];
  return a === undefined ? one === other : a === b;
}

function unlessEmpty(map: JsonMap): JsonMap | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}
