import { KubestackError } from "@kubestack/contracts";
import {
  type AsJson,
  type Cluster,
  type LeaseContent,
  type NodeHealth,
  type ObjectChange,
  type ObjectSource,
  observePod,
  type PodLogOptions,
  type PodObservation,
  type StoredLease,
  type V1Pod,
  type V1Secret,
} from "@kubestack/kubernetes";

type Raw = Parameters<typeof observePod>[0];

/** An object as an API server's answer holds it. */
function read<T>(stored: T | undefined): AsJson<T> | undefined {
  return stored === undefined ? undefined : (JSON.parse(JSON.stringify(stored)) as AsJson<T>);
}

/** A namespace in memory: pods and Secrets with names, uids, owners and preconditions, and a watch of the pods. */
export class FakeCluster {
  readonly pods = new Map<string, V1Pod>();
  readonly secrets = new Map<string, V1Secret>();
  readonly leases = new Map<string, StoredLease>();
  /** Names of the pods that were created, in order. */
  readonly created: string[] = [];
  /** What the containers wrote, by pod. */
  readonly logs = new Map<string, string>();
  readonly logsRead: (PodLogOptions & { readonly name: string })[] = [];
  /** Raised by the next create of a pod. */
  refusal: KubestackError | undefined;
  /** Machines by name; any other is ready. */
  readonly machines = new Map<string, NodeHealth>();
  /** A deleted pod stays terminating until `finish` is called. */
  podsLinger = false;
  /** Secrets do not go with their owners. */
  secretsLinger = false;
  readonly #observers = new Set<(change: ObjectChange<PodObservation>) => void>();
  /** Uids of pods that were. */
  readonly #gone = new Set<string>();
  #uids = 0;
  #revision = 0;

  readonly calls: Pick<
    Cluster,
    | "createPod"
    | "getPod"
    | "deletePod"
    | "podLog"
    | "createSecret"
    | "getSecret"
    | "deleteSecret"
    | "listSecrets"
    | "nodeHealth"
    | "getLease"
    | "createLease"
    | "replaceLease"
  > = {
    nodeHealth: async (name) => this.machines.get(name) ?? "ready",
    createPod: async (_namespace, pod) => {
      const { refusal } = this;
      this.refusal = undefined;
      if (refusal !== undefined) throw refusal;
      const name = pod.metadata?.name ?? "";
      if (this.pods.has(name)) throw new KubestackError("already-exists", `pods "${name}" already exists`);
      this.created.push(name);
      return this.put(pod);
    },
    getPod: async (_namespace, name) => read(this.pods.get(name)),
    podLog: async (_namespace, name, options = {}) => {
      this.logsRead.push({ name, ...options });
      const text = this.logs.get(name);
      if (text === undefined) throw new KubestackError("not-found", `pods "${name}" not found`);
      return text;
    },
    deletePod: async (_namespace, name, options = {}) => {
      const pod = this.pods.get(name);
      if (pod === undefined) return "gone";
      if (options.uid !== undefined && options.uid !== pod.metadata?.uid) return "not-this-one";
      if (this.podsLinger && options.force !== true)
        this.#change({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: new Date(0) } });
      else this.finish(name);
      return "accepted";
    },
    createSecret: async (_namespace, secret) => {
      const name = secret.metadata?.name ?? "";
      if (this.secrets.has(name)) throw new KubestackError("already-exists", `secrets "${name}" already exists`);
      const metadata = { ...secret.metadata, uid: this.#uid(), resourceVersion: "1" };
      const owner = secret.metadata?.ownerReferences?.[0]?.uid;
      // What belongs to nobody any more is collected at once, where anything is collected at all.
      const isOrphan = owner !== undefined && this.#gone.has(owner) && !this.secretsLinger;
      if (!isOrphan) this.secrets.set(name, structuredClone({ ...secret, metadata }));
      return metadata;
    },
    getSecret: async (_namespace, name) => read(this.secrets.get(name)),
    listSecrets: async (_namespace, selector) =>
      [...this.secrets.values()]
        .filter(({ metadata }) => isSelected(metadata?.labels ?? {}, selector))
        .flatMap((secret) => read(secret) ?? []),
    getLease: async (_namespace, name) => this.leases.get(name),
    createLease: async (_namespace, lease) => {
      if (this.leases.has(lease.name))
        throw new KubestackError("already-exists", `leases "${lease.name}" already exists`);
      this.#putLease(lease);
    },
    replaceLease: async (_namespace, lease, revision) => {
      const there = this.leases.get(lease.name);
      if (there !== undefined && there.revision !== revision)
        throw new KubestackError("stale-revision", `leases "${lease.name}" was changed`);
      this.#putLease(lease);
    },
    deleteSecret: async (_namespace, name, options = {}) => {
      const secret = this.secrets.get(name);
      if (secret === undefined) return "gone";
      if (options.uid !== undefined && options.uid !== secret.metadata?.uid) return "not-this-one";
      this.secrets.delete(name);
      return "accepted";
    },
  };

  get cluster(): Cluster {
    return this.calls as unknown as Cluster;
  }

  /** The watch of the pods, as every supervisor of the namespace shares it. */
  get source(): ObjectSource<PodObservation> {
    return {
      get: (name) => {
        const pod = this.pods.get(name);
        return pod === undefined ? undefined : observe(pod);
      },
      all: () => [...this.pods.values()].map(observe),
      synced: Promise.resolve(),
      status: () => ({ state: "synced" }) as ReturnType<ObjectSource<PodObservation>["status"]>,
      onChange: (handler) => {
        this.#observers.add(handler);
        return () => void this.#observers.delete(handler);
      },
      resync: async () => undefined,
      stop: async () => undefined,
    };
  }

  /** Puts a pod there, as a create does. */
  put(pod: V1Pod): { uid: string; resourceVersion: string } {
    const metadata = { ...pod.metadata, uid: this.#uid(), resourceVersion: "1", creationTimestamp: new Date(0) };
    this.#change(structuredClone({ ...pod, status: { phase: "Pending" }, metadata }));
    return metadata;
  }

  /** Changes a pod's state. */
  set(name: string, status: NonNullable<V1Pod["status"]>, nodeName = "node-1"): void {
    const pod = this.pods.get(name);
    if (pod === undefined) throw new RangeError(`There is no pod ${name}.`);
    this.#change({ ...pod, spec: { ...pod.spec, nodeName } as NonNullable<V1Pod["spec"]>, status });
  }

  /** The pod is gone, and what it owned with it. */
  finish(name: string): void {
    const pod = this.pods.get(name);
    if (pod === undefined) return;
    this.pods.delete(name);
    this.#gone.add(pod.metadata?.uid ?? "");
    if (!this.secretsLinger)
      for (const [secret, { metadata }] of this.secrets)
        if (metadata?.ownerReferences?.[0]?.uid === pod.metadata?.uid) this.secrets.delete(secret);
    this.#tell({ kind: "gone", name, value: observe(pod), previous: observe(pod) });
  }

  /** The pod is gone, and no watch tells. */
  vanish(name: string): void {
    const observers = [...this.#observers];
    this.#observers.clear();
    this.finish(name);
    for (const observer of observers) this.#observers.add(observer);
  }

  #change(pod: V1Pod): void {
    const name = pod.metadata?.name ?? "";
    const before = this.pods.get(name);
    this.#revision += 1;
    const changed = { ...pod, metadata: { ...pod.metadata, resourceVersion: String(this.#revision) } };
    this.pods.set(name, changed);
    this.#tell({
      kind: before === undefined ? "added" : "changed",
      name,
      value: observe(changed),
      previous: before === undefined ? undefined : observe(before),
    });
  }

  #putLease({ name, holder, annotations }: LeaseContent): void {
    this.#revision += 1;
    this.leases.set(name, { holder, annotations, revision: String(this.#revision) });
  }

  #tell(change: ObjectChange<PodObservation>): void {
    for (const observer of this.#observers) observer(change);
  }

  #uid(): string {
    this.#uids += 1;
    return `uid-${this.#uids}`;
  }
}

/** Whether labels are those of a selector such as `a=b,c=d`. */
export function isSelected(labels: Readonly<Record<string, string>>, selector: string): boolean {
  return selector.split(",").every((one) => {
    const [name = "", value] = one.split("=");
    return labels[name] === value;
  });
}

function observe(pod: V1Pod): PodObservation {
  return observePod(JSON.parse(JSON.stringify(pod)) as Raw);
}

/** The state of a pod whose agent runs. */
export const runningStatus: NonNullable<V1Pod["status"]> = {
  phase: "Running",
  containerStatuses: [
    {
      name: "jnlp",
      image: "i",
      imageID: "sha256:1",
      ready: true,
      restartCount: 0,
      state: { running: { startedAt: new Date(0) } },
    },
  ],
};
