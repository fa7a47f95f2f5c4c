import type { PodNeeds, Requirement, Toleration } from "@kubestack/contracts";
import type { Taint } from "../pool.ts";
import { isMet, printRequirement } from "./selecting.ts";

export const zoneLabel = "topology.kubernetes.io/zone";
export const hostLabel = "kubernetes.io/hostname";
/** The one field of a node, beside its labels, that affinity may ask for. */
const nameField = "metadata.name";

/** A node that is there, or one that a pool would make, as far as it takes pods or not. */
export interface Host {
  /** Absent: it is not there yet. */
  readonly name?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Where it may come up, if its labels do not say; absent: nobody knows. */
  readonly zones?: readonly string[] | undefined;
}

/** Why a host takes no such pod, whatever room it has; undefined where it does. */
export function refusalOf(needs: PodNeeds, host: Host): string | undefined {
  for (const [key, value] of Object.entries(needs.nodeSelector ?? {}))
    if (!isMetBy(host, { key, operator: "In", values: [value] })) return `its nodes lack the label ${key}=${value}`;
  const { affinity = [] } = needs;
  if (affinity.length > 0 && !affinity.some((term) => term.every((one) => isMetBy(host, one))))
    return `its nodes are not as the pod's node affinity wants them: ${affinity
      .map((term) => term.map(printRequirement).join(" and "))
      .join(", or ")}`;
  const taint = host.taints.find((one) => !isTolerated(one, needs.tolerations ?? []));
  if (taint !== undefined) return `the pod does not tolerate its taint ${printTaint(taint)}`;
  const { zones } = needs;
  if (zones !== undefined && !zones.some((zone) => isMetBy(host, { key: zoneLabel, operator: "In", values: [zone] })))
    return `the pod's volumes are in ${zones.join(", ")}`;
  return undefined;
}

/** `key=value:effect`, as Kubernetes prints it. */
export function printTaint({ key, value, effect }: Taint): string {
  return `${key}${value === undefined || value === "" ? "" : `=${value}`}:${effect}`;
}

function isMetBy(host: Host, requirement: Requirement): boolean {
  const { key } = requirement;
  if (key === nameField) return isMet(requirement, host.name === undefined ? {} : { [nameField]: host.name });
  // In which of several zones a node comes up is known when it is there.
  if (key === zoneLabel && host.labels[zoneLabel] === undefined && host.zones !== undefined)
    return host.zones.some((zone) => isMet(requirement, { [zoneLabel]: zone }));
  return isMet(requirement, host.labels);
}

function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  if (taint.effect === "PreferNoSchedule") return true;
  return tolerations.some(({ key, operator, value = "", effect }) => {
    if (effect !== undefined && effect !== taint.effect) return false;
    if (key === undefined) return operator === "Exists";
    return key === taint.key && (operator === "Exists" || value === (taint.value ?? ""));
  });
}
