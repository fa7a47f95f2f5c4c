import { slaveLabel } from "./marks.ts";
import { finished } from "./merge/finish.ts";
import { type Json, type JsonMap, mapOf, mapsIn } from "./merge/json.ts";
import { merged } from "./merge/merge.ts";

/** A node pool, as far as a pod must be made for it. */
export interface PoolPlace {
  readonly name: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string | undefined; readonly effect: string }[];
}

/** The annotation by which a pod tells its pools in their order: its node affinity has no order. */
export const poolsAnnotation = "kubestack.io/pools";

/**
 * A template whose pods go to its node pools and nowhere else: by their labels as its node selector where it is one, by node affinity
 * where they are several, and with their taints tolerated; and there to nodes that have slaves already, unless it says itself where its pods
 * gather. Pools that nobody knows are left out; where none is known nothing is changed.
 */
export function onPools<T extends { readonly pod: JsonMap; readonly pools?: readonly string[] | undefined }>(
  template: T,
  known: readonly PoolPlace[],
): T {
  const pools = (template.pools ?? []).flatMap((name) => known.find((one) => one.name === name) ?? []);
  const [first] = pools;
  if (first === undefined) return template;
  const spec = mapOf(template.pod.spec);
  const layer: JsonMap = {
    metadata: { annotations: { [poolsAnnotation]: JSON.stringify(pools.map(({ name }) => name)) } },
    spec: {
      ...(pools.length === 1 ? { nodeSelector: first.nodeLabels } : {}),
      affinity: {
        ...(pools.length === 1 ? {} : { nodeAffinity: affinityTo(pools, spec) }),
        ...(mapOf(spec.affinity).podAffinity === undefined ? { podAffinity: together } : {}),
      },
    },
  };
  const pod = finished(merged(template.pod, layer));
  const tolerations = [...mapsIn(spec.tolerations), ...tolerationsOf(pools)];
  return { ...template, pod: tolerations.length === 0 ? pod : { ...pod, spec: { ...mapOf(pod.spec), tolerations } } };
}

/**
 * The scheduler itself prefers the emptiest node, so that each build that comes keeps another one from emptying out. This outweighs
 * that; it is a wish, and hinders nothing.
 */
const together: JsonMap = {
  preferredDuringSchedulingIgnoredDuringExecution: [
    {
      weight: 100,
      podAffinityTerm: {
        topologyKey: "kubernetes.io/hostname",
        labelSelector: { matchExpressions: [{ key: slaveLabel, operator: "Exists" }] },
      },
    },
  ],
};

/** What the pod requires already, in one of the pools. */
function affinityTo(pools: readonly PoolPlace[], spec: JsonMap): JsonMap {
  const required = mapOf(mapOf(mapOf(spec.affinity).nodeAffinity)[requiredField]);
  const terms = mapsIn(required.nodeSelectorTerms);
  const nodeSelectorTerms = (terms.length === 0 ? [{}] : terms).flatMap((term) =>
    pools.map(({ nodeLabels }) => ({
      ...term,
      matchExpressions: [...mapsIn(term.matchExpressions), ...labelled(nodeLabels)],
    })),
  );
  return { [requiredField]: { nodeSelectorTerms } };
}

const requiredField = "requiredDuringSchedulingIgnoredDuringExecution";

function labelled(labels: Readonly<Record<string, string>>): JsonMap[] {
  return Object.entries(labels).map(([key, value]) => ({ key, operator: "In", values: [value] }));
}

/** What several pools have in common is tolerated once. */
function tolerationsOf(pools: readonly PoolPlace[]): Json[] {
  const tolerations = pools
    .flatMap(({ taints }) => taints)
    .filter(({ effect }) => effect !== "PreferNoSchedule")
    .map(({ key, value = "", effect }): Json => ({ key, operator: "Equal", value, effect }));
  return [...new Map(tolerations.map((one) => [JSON.stringify(one), one])).values()];
}
