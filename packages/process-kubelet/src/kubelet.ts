import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { sentenceOf } from "@kubestack/contracts";
import { type Cluster, watchObjects } from "@kubestack/kubernetes";
import { selfSigned } from "./certificate.ts";
import { eventRecorder } from "./event-recorder.ts";
import type { ImageTable } from "./image-table.ts";
import { DEFAULT_TIMINGS, type KubeletServices, type KubeletTimings } from "./kubelet-services.ts";
import { type FindLog, startLogServer } from "./log-server.ts";
import { machineCapacity, machineFacts } from "./machine.ts";
import { namespaceValues } from "./namespace-values.ts";
import type { NodeCapacity } from "./node-object.ts";
import { registerNode } from "./node-registration.ts";
import type { Pod } from "./pod.ts";
import { type PodWorker, startPodWorker } from "./pod-worker.ts";
import { processGroups } from "./process-groups.ts";

/** The one address of this node and its pods. */
const HOST = "127.0.0.1";
const DEFAULT_LOG_BYTES = 10 * 1024 * 1024;

export interface ProcessKubeletOptions {
  /** The cluster, over a connection of its own: a shared one would make the kubelet wait behind its tests' requests. It needs the rights of a node, and to list Secrets and ConfigMaps. */
  readonly cluster: Cluster;
  /** The node's name: a DNS name that no other node has. */
  readonly nodeName: string;
  /** A folder of its own, made if it is not there. What an earlier life left in it is removed. */
  readonly root: string;
  /** What each image name stands for; any other image cannot be pulled. */
  readonly images: ImageTable;
  /** What the node offers; default: the machine's processors and memory, the free space of `root`, 110 pods. */
  readonly capacity?: Partial<NodeCapacity>;
  /** Labels of the node, over the usual ones. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly timings?: Partial<KubeletTimings>;
  /** How much of each container's output is kept, in bytes; default 10 MiB, and as much again of what was before. */
  readonly maxLogBytes?: number;
  /** Told what went wrong, in one line; default: nobody. */
  readonly log?: (line: string) => void;
  /** Fires: the kubelet stops and removes its node. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970; default the machine's clock. */
  readonly nowMs?: () => number;
}

/** How a kubelet leaves. */
export interface StopOptions {
  /** Removes Node and Lease; default true. Otherwise the node stays and says that it is not ready. */
  readonly removeNode?: boolean;
  /** As if the machine had lost its power: all processes end and nothing is written; default false. */
  readonly crash?: boolean;
}

export interface ProcessKubelet {
  readonly nodeName: string;
  /** The port where logs are served. */
  readonly port: number;
  /** Ends every process, says so in the pods' statuses, and leaves. Repeated calls wait for the first. */
  stop(options?: StopOptions): Promise<void>;
  /** The main process of each running container. */
  running(): { readonly pod: string; readonly namespace: string; readonly container: string; readonly pid: number }[];
}

/**
 * Starts a node whose pods run as plain processes of this machine, with this process's rights: no container, no isolation,
 * so only for pods that are trusted. None of them outlives this process, however it ends. Resolves when the node is
 * registered and its pods are known. Raises where the cluster refuses that.
 */
export async function startProcessKubelet(options: ProcessKubeletOptions): Promise<ProcessKubelet> {
  const { cluster, nodeName, root, nowMs = Date.now, log = () => undefined } = options;
  const timings = { ...DEFAULT_TIMINGS, ...options.timings };
  await rm(join(root, "pods"), { recursive: true, force: true });
  await mkdir(join(root, "pods"), { recursive: true, mode: 0o700 });
  const onError = (error: unknown) => log(sentenceOf(error));
  const workers = new Map<string, PodWorker>();
  const names = new Map<string, PodWorker>();
  const findLog: FindLog = ({ namespace, pod, container }, previous) => {
    const found = names.get(`${namespace}/${pod}`)?.log(container, previous);
    return (
      found ??
      `container "${container}" in pod "${pod}" is waiting to start, or has no ${previous ? "previous " : ""}log\n`
    );
  };
  const server = await startLogServer({ host: HOST, certificate: selfSigned(nodeName, nowMs()), findLog, nowMs });
  const services: KubeletServices = {
    cluster,
    images: options.images,
    pulled: new Set(),
    root,
    address: { hostIp: HOST },
    values: namespaceValues(cluster, onError),
    events: eventRecorder({ cluster, nodeName, nowMs }),
    processes: processGroups(`${nodeName}-${randomUUID()}`),
    timings,
    maxLogBytes: options.maxLogBytes ?? DEFAULT_LOG_BYTES,
    nowMs,
    log,
  };
  const closeParts = async () => {
    await Promise.all([services.values.stop(), services.events.stop(), services.processes.close(), server.close()]);
  };
  const capacity = { ...(await machineCapacity(root)), ...options.capacity };
  const facts = {
    ...machineFacts(),
    name: nodeName,
    hostIp: HOST,
    capacity,
    kubeletPort: server.port,
    labels: options.labels ?? {},
    taints: options.taints ?? [],
  };
  const registration = await registerNode(cluster, facts, { ...timings, nowMs, log }).catch(async (error: unknown) => {
    await closeParts();
    throw error;
  });
  const take = (pod: Pod) => {
    const known = workers.get(pod.metadata.uid);
    if (known !== undefined) return known.update(pod);
    const worker = startPodWorker(services, pod);
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    workers.set(worker.uid, worker);
    names.set(name, worker);
    void worker.ended.then(() => {
      workers.delete(worker.uid);
      if (names.get(name) === worker) names.delete(name);
    });
  };
  const pods = watchObjects<Pod>({
    cluster,
    path: "/api/v1/pods",
    fieldSelector: `spec.nodeName=${nodeName}`,
    project: (object) => object as unknown as Pod,
    onError,
    onEvent: (change) => {
      if (change.kind === "gone") workers.get(change.value.metadata.uid)?.gone();
      else take(change.value);
    },
  });
  const leave = async ({ removeNode = true, crash = false }: StopOptions) => {
    await pods.stop();
    await Promise.all([...workers.values()].map((worker) => worker.shutDown(!crash)));
    await services.processes.close();
    await registration.stop(crash ? "nothing" : removeNode ? "remove" : "not-ready");
    await closeParts();
  };
  let leaving: Promise<void> | undefined;
  const stop = (how: StopOptions = {}) => {
    leaving ??= leave(how);
    return leaving;
  };
  options.signal?.addEventListener("abort", () => void stop().catch(onError), { once: true });
  if (options.signal?.aborted) await stop();
  else await pods.synced;
  return {
    nodeName,
    port: server.port,
    stop,
    running: () =>
      [...names].flatMap(([name, worker]) => {
        const [namespace = "", pod = ""] = name.split("/");
        return worker.running().map((one) => ({ pod, namespace, ...one }));
      }),
  };
}
