/** A node without a machine. */
export interface FakeNode {
  readonly name: string;
  /** Default `8`. */
  readonly cpu?: string | undefined;
  /** Default `32Gi`. */
  readonly memory?: string | undefined;
  /** Default 110. */
  readonly pods?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[] | undefined;
}

/** Kwok touches nothing but nodes with this annotation, and the pods on them. */
export const FAKE_NODE_ANNOTATION = "kwok.x-k8s.io/node=fake";

/** The node as it is created; kwok makes it ready. */
export function fakeNodeObject(node: FakeNode): object {
  const [key = "", value = ""] = FAKE_NODE_ANNOTATION.split("=");
  const resources = {
    cpu: node.cpu ?? "8",
    memory: node.memory ?? "32Gi",
    "ephemeral-storage": "100Gi",
    pods: String(node.pods ?? 110),
  };
  const wellKnown = {
    "kubernetes.io/hostname": node.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, annotations: { [key]: value }, labels: { ...wellKnown, ...node.labels } },
    spec: node.taints === undefined ? {} : { taints: node.taints },
    status: { capacity: resources, allocatable: resources },
  };
}
