import type { Pod } from "./pod.ts";

/** Where this node is reached; each pod shares its node's address, for there is one network. */
export interface NodeAddress {
  readonly hostIp: string;
}

const KEYED = /^metadata\.(labels|annotations)\['([^']+)'\]$/;

/** The value of a pod's field by its `fieldPath`, or nothing where this kubelet does not know the path. */
export function podField(pod: Pod, fieldPath: string, address: NodeAddress): string | undefined {
  const keyed = KEYED.exec(fieldPath);
  if (keyed !== null)
    return (keyed[1] === "labels" ? pod.metadata.labels : pod.metadata.annotations)?.[keyed[2] ?? ""] ?? "";
  switch (fieldPath) {
    case "metadata.name":
      return pod.metadata.name;
    case "metadata.namespace":
      return pod.metadata.namespace;
    case "metadata.uid":
      return pod.metadata.uid;
    case "metadata.labels":
      return listed(pod.metadata.labels);
    case "metadata.annotations":
      return listed(pod.metadata.annotations);
    case "spec.nodeName":
      return pod.spec.nodeName ?? "";
    case "spec.serviceAccountName":
      return pod.spec.serviceAccountName ?? "default";
    case "status.podIP":
    case "status.podIPs":
    case "status.hostIP":
    case "status.hostIPs":
      return address.hostIp;
    default:
      return undefined;
  }
}

/** A map as the downward API writes it into a file: one sorted `key="value"` a line. */
function listed(values: Readonly<Record<string, string>> = {}): string {
  return Object.keys(values)
    .sort()
    .map((key) => `${key}=${JSON.stringify(values[key])}`)
    .join("\n");
}
