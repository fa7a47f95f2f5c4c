import { createHash } from "node:crypto";
import type { WantedPods } from "@kubestack/capacity";
import { type PodNeeds, tokenOf } from "@kubestack/contracts";
import type { NodePoolConfig } from "../../pools/entry.ts";
import type { HeadroomConfig } from "./config.ts";

/** The label that says whose such a pod is, and the one that says of which pool. */
export const headroomLabel = "kubestack.io/headroom";
export const headroomPoolLabel = "kubestack.io/pool";

/** For whom pods hold places. */
export interface HeadroomOf {
  readonly install: string;
  readonly pool: Pick<NodePoolConfig, "name" | "nodeLabels" | "taints">;
  readonly config: Pick<HeadroomConfig, "priorityClassName" | "image">;
}

/** Labels that all pods of a pool's headroom carry, and no other pod. They are no slaves: nothing else of KubeStack's sees them. */
export function headroomLabels({ install, pool }: HeadroomOf): Readonly<Record<string, string>> {
  return { [headroomLabel]: labelOf(install), [headroomPoolLabel]: labelOf(pool.name) };
}

/** A name as a label's value; one that is too long by its digest. */
function labelOf(name: string): string {
  const token = tokenOf(name);
  const isValue = token.length <= 63 && /^[A-Za-z0-9](.*[A-Za-z0-9])?$/.test(token);
  return isValue ? token : digestOf(name);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** The pods that hold places for these, by name: the same for the same shapes, so that what is there already stays. At most `most`. */
export function placeholders(wanted: readonly WantedPods[], of: HeadroomOf, most: number): ReadonlyMap<string, object> {
  const pods = new Map<string, object>();
  for (const { needs, names } of wanted) {
    const room = roomOf(needs);
    const digest = digestOf(JSON.stringify([of.install, of.pool.name, room, of.config]));
    const before = [...pods.keys()].filter((name) => name.includes(digest)).length;
    for (let at = before; at < before + names.length && pods.size < most; at += 1) {
      const name = `kubestack-headroom-${digest}-${at}`;
      pods.set(name, placeholder(name, room, of));
    }
  }
  return pods;
}

/** What of a pod's needs decides on a node: what it is spread by and kept apart from is between it and others of its own. */
function roomOf({ requests, nodeSelector, affinity, tolerations }: PodNeeds) {
  return { requests, nodeSelector, affinity, tolerations };
}

function placeholder(name: string, room: ReturnType<typeof roomOf>, of: HeadroomOf): object {
  const { pool, config } = of;
  const { requests, nodeSelector, affinity, tolerations = [] } = room;
  const bearing = pool.taints.map(({ key, value, effect }) => ({
    key,
    effect,
    ...(value === undefined ? { operator: "Exists" } : { value }),
  }));
  const terms = affinity?.map((matchExpressions) => ({ matchExpressions }));
  return {
    metadata: { name, labels: headroomLabels(of) },
    spec: {
      priorityClassName: config.priorityClassName,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      nodeSelector: { ...nodeSelector, ...pool.nodeLabels },
      tolerations: [...tolerations, ...bearing],
      ...(terms === undefined
        ? {}
        : {
            affinity: {
              nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
            },
          }),
      securityContext: { runAsNonRoot: true, runAsUser: 65_535, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "place",
          image: config.image,
          resources: { requests: quantities(requests) },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}

/** As Kubernetes writes them. */
function quantities(requests: PodNeeds["requests"]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(requests).map(([resource, amount]) => [
      resource,
      resource === "cpu" ? `${amount}m` : String(amount),
    ]),
  );
}
