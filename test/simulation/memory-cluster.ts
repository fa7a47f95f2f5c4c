import { KubestackError } from "@kubestack/contracts";
import type {
  AsJson,
  Cluster,
  ClusterRequest,
  Connection,
  LeaseCalls,
  LeaseContent,
  NodeHealth,
  StoredLease,
  V1Pod,
  V1Secret,
} from "@kubestack/kubernetes";
import type { Process, VirtualTime } from "./virtual-time.ts";

/** An object as the store holds it. */
export interface Stored {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly spec?: object;
  readonly status?: object;
}

interface Watcher {
  take(line: string): void;
}

type Change = "ADDED" | "MODIFIED" | "DELETED";

/** One namespace of an API server, in memory and in virtual time: pods and Secrets, with uids, owners, preconditions and a watch. */
export class MemoryCluster {
  readonly #time: VirtualTime;
  readonly pods = new Map<string, Stored>();
  readonly secrets = new Map<string, Stored>();
  readonly leases = new Map<string, StoredLease>();
  /** Uids of pods by the name that they were created under: each name must have had one. */
  readonly created = new Map<string, string[]>();
  readonly #watchers = new Set<Watcher>();
  readonly #listeners: ((change: Change, pod: Stored) => void)[] = [];
  #revision = 0;
  /** Raised by creates of pods, where it answers with an error. */
  refusal: ((pod: V1Pod) => KubestackError | undefined) | undefined;
  /** Whether nobody is answered. */
  isAway = false;
  /** Processes that are not answered. */
  readonly cutOff = new Set<Process>();
  /** Machines by name; any other is ready. */
  readonly machines = new Map<string, NodeHealth>();
  /** Whether this account may read machines. */
  showsMachines = true;
  /** Whether pods are shown without what says which slave they are: a control. */
  hidesMarks = false;
  /** Whether open watches tell nothing, though more happens. */
  isSilent = false;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Told of each change of a pod, in no process. */
  onPod(listener: (change: Change, pod: Stored) => void): void {
    this.#listeners.push(listener);
  }

  /** Changes a pod, as its kubelet does. */
  change(name: string, uid: string, make: (pod: Stored) => Partial<Stored>): void {
    const pod = this.pods.get(name);
    if (pod?.metadata.uid !== uid) return;
    this.#put("MODIFIED", { ...pod, ...make(pod) });
  }

  /** The pod is out of the store, and what it owned with it. */
  remove(name: string, uid: string): void {
    const pod = this.pods.get(name);
    if (pod?.metadata.uid !== uid) return;
    this.pods.delete(name);
    this.#tell("DELETED", this.#revised(pod));
    for (const [secret, { metadata }] of this.secrets)
      if (metadata.ownerReferences?.some((owner) => owner.uid === uid)) this.secrets.delete(secret);
  }

  /** It is to be deleted: whether and when it goes is its kubelet's. */
  goes(name: string, { graceSeconds = 10, status }: { graceSeconds?: number | undefined; status?: object } = {}): void {
    const pod = this.pods.get(name);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const deletionTimestamp = new Date(this.#time.wallClock + graceSeconds * 1000).toISOString();
    const metadata = { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds };
    this.#put("MODIFIED", { ...pod, metadata, status: { ...pod.status, ...status } });
  }

  /** Ends every watch: who watches has to begin anew. */
  cutWatches(): void {
    for (const watcher of this.#watchers) watcher.take("");
  }

  /** A process's connection. */
  connect(): Cluster {
    const time = this.#time;
    const connection: Connection = {
      server: "https://cluster.invalid",
      timing: { now: () => time.wallClock, sleep: time.timing.sleep, random: time.random },
      request: () => Promise.reject(new KubestackError("not-found", "the cluster in memory has no such thing")),
      exchange: (request) =>
        this.#asked("list pods", () => ({ status: 200, headers: {}, text: this.#listed(request) })),
      openStream: (request) => this.#asked("watch pods", () => ({ chunks: this.#watched(request) })),
      refusal: (_request, { text }) => new KubestackError("cluster-refused", text),
      close: async () => undefined,
    };
    const calls: Pick<
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
      | "nodeHealth"
      | keyof LeaseCalls
    > = {
      createPod: (_, pod) => this.#asked("create pod", () => this.#createPod(pod)),
      getPod: (_, name) =>
        this.#asked("get pod", () => structuredClone(this.pods.get(name)) as AsJson<V1Pod> | undefined),
      podLog: () => this.#asked("get log", () => ""),
      nodeHealth: (name) =>
        this.#asked("get node", () => (this.showsMachines ? (this.machines.get(name) ?? "ready") : "unknown")),
      deletePod: (_, name, { uid, force, graceSeconds } = {}) =>
        this.#asked("delete pod", () => {
          const pod = this.pods.get(name);
          if (pod === undefined) return "gone";
          if (uid !== undefined && uid !== pod.metadata.uid) return "not-this-one";
          if (force) this.remove(name, pod.metadata.uid);
          else this.goes(name, { graceSeconds });
          return "accepted";
        }),
      stopPod: (_, name, { uid, annotations }) =>
        this.#asked("stop pod", () => {
          const pod = this.pods.get(name);
          if (pod === undefined) return "gone";
          if (uid !== pod.metadata.uid) return "not-this-one";
          const metadata = { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } };
          this.#put("MODIFIED", { ...pod, metadata, spec: { ...pod.spec, activeDeadlineSeconds: 1 } });
          return "accepted";
        }),
      createSecret: (_, secret) => this.#asked("create Secret", () => this.#createSecret(secret)),
      listSecrets: (_, selector) =>
        this.#asked("list Secrets", () => {
          const marks = selector.split(",").map((one) => one.split("="));
          const found = [...this.secrets.values()].filter(({ metadata: { labels = {} } }) =>
            marks.every(([name = "", value]) => labels[name] === value),
          );
          return structuredClone(found) as AsJson<V1Secret>[];
        }),
      getLease: (_, name) => this.#asked("get Lease", () => this.leases.get(name)),
      createLease: (_, lease) =>
        this.#asked("create Lease", () => {
          if (this.leases.has(lease.name)) throw new KubestackError("already-exists", `${lease.name} already exists`);
          this.#putLease(lease);
        }),
      replaceLease: (_, lease, revision) =>
        this.#asked("replace Lease", () => {
          if (this.leases.get(lease.name)?.revision !== revision)
            throw new KubestackError("stale-revision", `${lease.name} was changed`);
          this.#putLease(lease);
        }),
      getSecret: (_, name) =>
        this.#asked("get Secret", () => structuredClone(this.secrets.get(name)) as AsJson<V1Secret> | undefined),
      deleteSecret: (_, name, { uid } = {}) =>
        this.#asked("delete Secret", () => {
          const secret = this.secrets.get(name);
          if (secret === undefined) return "gone";
          if (uid !== undefined && uid !== secret.metadata.uid) return "not-this-one";
          this.secrets.delete(name);
          return "accepted";
        }),
    };
    return { ...connection, ...calls } as Cluster;
  }

  async #asked<T>(what: string, work: () => T): Promise<T> {
    const time = this.#time;
    // Looking after things draws no lots: a day's story is the same however often it is done.
    const wayMs = (): number => (/Lease$|^list Secrets$/.test(what) ? 0 : time.between(1, 8));
    await time.sent(what, wayMs());
    const away = new KubestackError("cluster-unavailable", "The cluster does not answer.");
    const isAway = (): boolean => this.isAway || (time.process !== undefined && this.cutOff.has(time.process));
    let outcome: { value: T } | { error: unknown };
    try {
      outcome = isAway() ? { error: away } : { value: work() };
    } catch (error) {
      outcome = { error };
    }
    await time.passed(isAway() ? 1000 : wayMs());
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  #createPod(pod: V1Pod): Stored["metadata"] {
    const refused = this.refusal?.(pod);
    if (refused !== undefined) throw refused;
    const name = pod.metadata?.name ?? "";
    if (this.pods.has(name)) throw new KubestackError("already-exists", `pods "${name}" already exists`);
    const stored = this.#born({ ...pod, status: { phase: "Pending" } });
    this.created.set(name, [...(this.created.get(name) ?? []), stored.metadata.uid]);
    this.#put("ADDED", stored);
    return stored.metadata;
  }

  #createSecret(secret: V1Secret): Stored["metadata"] {
    const name = secret.metadata?.name ?? "";
    if (this.secrets.has(name)) throw new KubestackError("already-exists", `secrets "${name}" already exists`);
    const stored = this.#born(secret);
    const owner = stored.metadata.ownerReferences?.[0]?.uid;
    // What belongs to nobody any more is collected soon after.
    const isOrphan = owner !== undefined && ![...this.pods.values()].some(({ metadata }) => metadata.uid === owner);
    this.secrets.set(name, stored);
    if (isOrphan) this.#time.apart(() => this.#time.in(500, () => this.secrets.delete(name)));
    return stored.metadata;
  }

  #putLease({ name, holder, annotations }: LeaseContent): void {
    this.#revision += 1;
    this.leases.set(name, { holder, annotations, revision: String(this.#revision) });
  }

  #born(object: object): Stored {
    this.#revision += 1;
    const plain = JSON.parse(JSON.stringify(object)) as Stored;
    const metadata = { ...plain.metadata, uid: `uid-${this.#revision}`, resourceVersion: String(this.#revision) };
    return { ...plain, metadata };
  }

  #revised(pod: Stored): Stored {
    this.#revision += 1;
    return { ...pod, metadata: { ...pod.metadata, resourceVersion: String(this.#revision) } };
  }

  #put(change: Change, pod: Stored): void {
    const revised = this.#revised(pod);
    this.pods.set(pod.metadata.name, revised);
    this.#tell(change, revised);
  }

  #tell(change: Change, pod: Stored): void {
    for (const watcher of this.isSilent ? [] : this.#watchers)
      watcher.take(JSON.stringify({ type: change, object: this.#shown(pod) }));
    for (const listener of this.#listeners) this.#time.apart(() => listener(change, pod));
  }

  #shown(pod: Stored): Stored {
    return this.hidesMarks ? { ...pod, metadata: { ...pod.metadata, annotations: {} } } : pod;
  }

  #listed({ path }: ClusterRequest): string {
    const items = path.endsWith("/pods") ? [...this.pods.values()].map((pod) => this.#shown(pod)) : [];
    return JSON.stringify({ metadata: { resourceVersion: String(this.#revision) }, items });
  }

  async *#watched(request: ClusterRequest & { readonly signal?: AbortSignal }): AsyncGenerator<Uint8Array> {
    const from = Number(request.query?.resourceVersion ?? 0);
    const lines = [...this.pods.values()]
      .filter(({ metadata }) => Number(metadata.resourceVersion) > from)
      .map((pod) => JSON.stringify({ type: "MODIFIED", object: this.#shown(pod) }));
    let wake: (() => void) | undefined;
    const watcher: Watcher = {
      take: (line) => {
        lines.push(line);
        wake?.();
      },
    };
    this.#watchers.add(watcher);
    const abort = (): void => wake?.();
    request.signal?.addEventListener("abort", abort);
    try {
      for (;;) {
        while (lines.length > 0) {
          const line = lines.shift() ?? "";
          // On its way for a moment; a process that stands still or is dead does not read it.
          await this.#time.passed(this.#time.between(1, 5));
          if (line === "") return;
          yield new TextEncoder().encode(`${line}\n`);
        }
        if (request.signal?.aborted) throw new KubestackError("cluster-unavailable", "The watch was ended.");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#watchers.delete(watcher);
      request.signal?.removeEventListener("abort", abort);
    }
  }
}
