import { type Cluster, type ObjectSource, type PodObservation, watchObjects, watchPods } from "@kubestack/kubernetes";
import type { Crowd, PodSeen, Sighting } from "./history.ts";

/** What a run sees of the cluster, past every fault but the API server's own end. */
export interface PodWatch {
  /** Pods that are there now. */
  all(): PodObservation[];
  /** Whether the slave's Secret is there now. */
  hasSecret(slave: string): boolean;
  secrets(): string[];
  readonly seen: ReadonlyMap<string, PodSeen>;
  readonly crowds: readonly Crowd[];
  readonly sightings: readonly Sighting[];
  /** Takes in a pod that is known from elsewhere. */
  note(pod: PodSeen): void;
  /** Told after each change of a pod or a Secret. */
  onChange(handler: () => void): void;
  /** Reads everything anew; rejects while the API server is away. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

export interface PodWatchOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Most pods at once, by master. */
  readonly caps: ReadonlyMap<string, number>;
}

/** The slave whose pod this says it is; names of pods tell nothing. */
export function slaveOf({ labels, name }: PodObservation): string {
  return labels["kubestack.io/slave"] ?? name;
}

export function masterOf({ labels }: PodObservation): string {
  return labels["kubestack.io/master"] ?? "";
}

/** Begins to watch; everything is listed when it resolves. */
export async function startPodWatch({ cluster, namespace, caps }: PodWatchOptions): Promise<PodWatch> {
  const seen = new Map<string, PodSeen>();
  const crowds: Crowd[] = [];
  const sightings: Sighting[] = [];
  const handlers: (() => void)[] = [];
  const changed = (): void => {
    for (const handler of handlers) handler();
  };
  const note = (pod: PodSeen): void => void seen.set(pod.uid, pod);
  const pods = watchPods({ cluster, namespace });
  const secrets: ObjectSource<string> = watchObjects({
    cluster,
    path: `/api/v1/namespaces/${namespace}/secrets`,
    labelSelector: "app.kubernetes.io/managed-by=kubestack",
    project: ({ metadata }) => metadata.name,
    onEvent: changed,
  });
  pods.onChange(({ kind, value, previous }) => {
    const [slave, master] = [slaveOf(value), masterOf(value)];
    note({ uid: value.uid, name: value.name, master, slave });
    const before = kind === "added" ? "" : textOf(previous);
    const now = kind === "gone" ? "gone" : textOf(value);
    if (now !== before) sightings.push({ at: Date.now(), slave, what: `pod ${value.uid.slice(0, 8)}: ${now}` });
    countCrowd(master);
    changed();
  });

  function countCrowd(master: string): void {
    const cap = caps.get(master) ?? Number.POSITIVE_INFINITY;
    const own = pods.all().filter((pod) => masterOf(pod) === master);
    const isNew = crowds.at(-1)?.slaves.length !== own.length;
    if (own.length > cap && isNew) crowds.push({ at: Date.now(), master, slaves: own.map(slaveOf), cap });
  }

  await Promise.all([pods.synced, secrets.synced]);
  return {
    all: () => pods.all(),
    hasSecret: (slave) => secrets.get(slave) !== undefined,
    secrets: () => secrets.all(),
    seen,
    crowds,
    sightings,
    note,
    onChange: (handler) => void handlers.push(handler),
    async refresh() {
      await Promise.all([pods.resync(), secrets.resync()]);
    },
    async stop() {
      await Promise.all([pods.stop(), secrets.stop()]);
    },
  };
}

function textOf(pod: PodObservation | undefined): string {
  if (pod === undefined) return "";
  const going = pod.deletionTimestamp === null ? "" : ", on its way out";
  return `${pod.phase}${pod.nodeName === null ? "" : ` on ${pod.nodeName}`}${going}`;
}
