import { type PodSize, quantityAmount } from "@kubestack/contracts";
import { isMap, type Json, type JsonMap, mapOf, mapsIn } from "./merge/json.ts";

/** A template, as far as its pod's requests go. */
interface Holder {
  readonly pod: JsonMap;
  readonly agentContainer: string;
}

/** Cpu in thousandths of a core, memory in bytes. */
export interface PodRequests {
  readonly cpu: number;
  readonly memory: number;
}

/**
 * What a slave's whole pod asks the cluster for, as Kubernetes reckons it: the sum of its containers and sidecars, or one init
 * container's request where that is larger; a container without a request asks for its limit. `size`: what the build asked
 * for by label, for the agent's container. What the cluster itself adds, such as a LimitRange's defaults, is not known here.
 */
export function podRequestsOf({ pod, agentContainer }: Holder, size?: PodSize): PodRequests {
  const spec = mapOf(pod.spec);
  const own = mapOf(mapOf(spec.resources).requests);
  const sumOf = (of: "cpu" | "memory"): number => {
    const whole = amountOf(own[of]);
    if (whole !== undefined && size?.[of] === undefined) return whole;
    const containers = mapsIn(spec.containers).map((one) =>
      one.name === agentContainer && size?.[of] !== undefined ? (quantityAmount(size[of]) ?? 0) : requestOf(one, of),
    );
    const inits = mapsIn(spec.initContainers);
    const sidecars = inits.filter(({ restartPolicy }) => restartPolicy === "Always");
    const running = sum([...containers, ...sidecars.map((one) => requestOf(one, of))]);
    return Math.max(running, ...inits.filter((one) => !sidecars.includes(one)).map((one) => requestOf(one, of)));
  };
  return { cpu: Math.ceil(Math.round(sumOf("cpu") * 1e6) / 1000), memory: Math.ceil(sumOf("memory")) };
}

function requestOf({ resources }: JsonMap, of: "cpu" | "memory"): number {
  const { requests, limits } = mapOf(resources);
  return amountOf(mapOf(requests)[of]) ?? amountOf(mapOf(limits)[of]) ?? 0;
}

/** In cores or bytes; also as a number with an exponent, which Kubernetes takes too. */
function amountOf(quantity: Json | undefined): number | undefined {
  if (quantity === undefined || quantity === null || isMap(quantity)) return undefined;
  const text = String(quantity);
  const amount = quantityAmount(text) ?? Number(text);
  return Number.isFinite(amount) ? amount : undefined;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((all, one) => all + one, 0);
}
