/** What a node is asked to be. */
export interface NodeFacts {
  readonly name: string;
  readonly hostIp: string;
  readonly capacity: NodeCapacity;
  readonly kubeletPort: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly machine: { readonly arch: string; readonly kernel: string; readonly version: string };
  readonly bootId: string;
}

/** Kubernetes quantities; what a node offers is also all that it may give away. */
export interface NodeCapacity {
  readonly cpu: string;
  readonly memory: string;
  readonly "ephemeral-storage": string;
  readonly pods: string;
}

/** How long others believe in a node without hearing of it, and how often it speaks (the kubelet's own defaults). */
export const LEASE_SECONDS = 40;

/** Node's name of a processor → Kubernetes' name of it. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", arm64: "arm64", arm: "arm" };

/** The whole Node as it is registered. */
export function nodeObject(facts: NodeFacts, nowIso: string): object {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: facts.name, labels: nodeLabels(facts) },
    spec: facts.taints.length > 0 ? { taints: facts.taints } : {},
    status: nodeStatus(facts, nowIso),
  };
}

/** The labels that schedulers and people expect, and the node's own over them. */
export function nodeLabels(facts: NodeFacts): Record<string, string> {
  const arch = ARCHITECTURES[facts.machine.arch] ?? facts.machine.arch;
  return {
    "kubernetes.io/hostname": facts.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": arch,
    "beta.kubernetes.io/os": "linux",
    "beta.kubernetes.io/arch": arch,
    ...facts.labels,
  };
}

/** The status that is written at the start and at each heartbeat. `isReady: false` is what a node says that stops. */
export function nodeStatus(facts: NodeFacts, nowIso: string, isReady = true): object {
  const well = [
    {
      type: "MemoryPressure",
      status: "False",
      reason: "KubeletHasSufficientMemory",
      message: "kubelet has sufficient memory available",
    },
    {
      type: "DiskPressure",
      status: "False",
      reason: "KubeletHasNoDiskPressure",
      message: "kubelet has no disk pressure",
    },
    {
      type: "PIDPressure",
      status: "False",
      reason: "KubeletHasSufficientPID",
      message: "kubelet has sufficient PID available",
    },
  ];
  const ready = isReady
    ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
    : { type: "Ready", status: "False", reason: "KubeletNotReady", message: "the process kubelet has been stopped" };
  return {
    capacity: facts.capacity,
    allocatable: facts.capacity,
    // An API server dials the first of these that it prefers, by default the Hostname: so that must be an address too.
    addresses: [
      { type: "InternalIP", address: facts.hostIp },
      { type: "Hostname", address: facts.hostIp },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: facts.kubeletPort } },
    conditions: [...well, ready].map((condition) => ({ ...condition, lastHeartbeatTime: nowIso })),
    nodeInfo: {
      machineID: facts.bootId,
      systemUUID: facts.bootId,
      bootID: facts.bootId,
      kernelVersion: facts.machine.kernel,
      osImage: "processes of this machine",
      containerRuntimeVersion: "process://1",
      kubeletVersion: facts.machine.version,
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: ARCHITECTURES[facts.machine.arch] ?? facts.machine.arch,
    },
  };
}

/** The Lease by which a node shows that it lives. */
export function nodeLease(name: string, owner: { readonly uid: string }, renewIso: string): object {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name,
      namespace: "kube-node-lease",
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid: owner.uid }],
    },
    spec: leaseSpec(name, renewIso),
  };
}

/** The part of the Lease that each renewal writes; its time has six digits after the point. */
export function leaseSpec(name: string, renewIso: string): object {
  return {
    holderIdentity: name,
    leaseDurationSeconds: LEASE_SECONDS,
    renewTime: renewIso.replace(/\.(\d{3})Z$/, ".$1000Z"),
  };
}
