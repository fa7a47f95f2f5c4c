import { KubestackError } from "@kubestack/contracts";
import {
  type AsJson,
  type Cluster,
  type CreatedObject,
  type DeleteOutcome,
  type LeaseContent,
  type NodeHealth,
  type ObjectChange,
  type ObjectSource,
  observePod,
  type PodLogOptions,
  type PodObservation,
  type ServiceCalls,
  type StoredLease,
  type V1Pod,
  type V1Secret,
  type V1Service,
} from "@kubestack/kubernetes";

type Raw = Parameters<typeof observePod>[0];

/** An object as an API server's answer holds it. */
function read<T>(stored: T | undefined): AsJson<T> | undefined {
  return stored === undefined ? undefined : (JSON.parse(JSON.stringify(stored)) as AsJson<T>);
}

/** A namespace in memory: pods, Secrets and Services with names, uids, owners and preconditions, and a watch of the pods. */
export class FakeCluster {
  readonly pods = new Map<string, V1Pod>();
  readonly secrets = new Map<string, V1Secret>();
  readonly services = new Map<string, V1Service>();
  readonly leases = new Map<string, StoredLease>();
  /** Names of the pods that were created, in order. */
  readonly created: string[] = [];
  /** What the containers wrote, by pod. */
  readonly logs = new Map<string, string>();
  readonly logsRead: (PodLogOptions & { readonly name: string })[] = [];
  /** Raised by the next create of a pod. */
  refusal: KubestackError | undefined;
  /** Raised by the next create of a Service. */
  serviceRefusal: KubestackError | undefined;
  /** Machines by name; any other is ready. */
  readonly machines = new Map<string, NodeHealth>();
  /** A deleted pod stays terminating until `finish` is called. */
  podsLinger = false;
  /** Raised by orders to stop a pod. */
  stopRefusal: KubestackError | undefined;
  /** Secrets and Services do not go with their owners. */
  ownedLingers = false;
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
    | "stopPod"
    | "podLog"
    | "createSecret"
    | "getSecret"
    | "deleteSecret"
    | "listSecrets"
    | keyof ServiceCalls
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
    stopPod: async (_namespace, name, { uid, annotations }) => {
      if (this.stopRefusal !== undefined) throw this.stopRefusal;
      const pod = this.pods.get(name);
      if (pod === undefined) return "gone";
      if (uid !== pod.metadata?.uid) return "not-this-one";
      const metadata = { ...pod.metadata, annotations: { ...pod.metadata?.annotations, ...annotations } };
      this.#change({ ...pod, metadata, status: { ...pod.status, phase: "Failed", reason: "DeadlineExceeded" } });
      return "accepted";
    },
    createSecret: async (_namespace, secret) => this.#own("secrets", this.secrets, secret),
    getSecret: async (_namespace, name) => read(this.secrets.get(name)),
    listSecrets: async (_namespace, selector) => selected(this.secrets, selector),
    deleteSecret: async (_namespace, name, options) => removed(this.secrets, name, options),
    createService: async (_namespace, service) => {
      const { serviceRefusal } = this;
      this.serviceRefusal = undefined;
      if (serviceRefusal !== undefined) throw serviceRefusal;
      return this.#own("services", this.services, service);
    },
    getService: async (_namespace, name) => read(this.services.get(name)),
    listServices: async (_namespace, selector) => selected(this.services, selector),
    deleteService: async (_namespace, name, options) => removed(this.services, name, options),
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
    for (const owned of this.ownedLingers ? [] : [this.secrets, this.services])
      for (const [of, { metadata }] of owned)
        if (metadata?.ownerReferences?.[0]?.uid === pod.metadata?.uid) owned.delete(of);
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

  #own<T extends V1Secret | V1Service>(kind: string, all: Map<string, T>, object: T): CreatedObject {
    const name = object.metadata?.name ?? "";
    if (all.has(name)) throw new KubestackError("already-exists", `${kind} "${name}" already exists`);
    const metadata = { ...object.metadata, uid: this.#uid(), resourceVersion: "1" };
    const owner = object.metadata?.ownerReferences?.[0]?.uid;
    // What belongs to nobody any more is collected at once, where anything is collected at all.
    const isOrphan = owner !== undefined && this.#gone.has(owner) && !this.ownedLingers;
    if (!isOrphan) all.set(name, structuredClone({ ...object, metadata }));
    return metadata;
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

function selected<T extends V1Secret | V1Service>(all: ReadonlyMap<string, T>, selector: string): AsJson<T>[] {
  return [...all.values()]
    .filter(({ metadata }) => isSelected(metadata?.labels ?? {}, selector))
    .flatMap((one) => read(one) ?? []);
}

function removed(
  all: Map<string, V1Secret | V1Service>,
  name: string,
  { uid }: { readonly uid?: string } = {},
): DeleteOutcome {
  const object = all.get(name);
  if (object === undefined) return "gone";
  if (uid !== undefined && uid !== object.metadata?.uid) return "not-this-one";
  all.delete(name);
  return "accepted";
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
