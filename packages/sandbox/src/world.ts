import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Cluster, connectCluster } from "@kubestack/kubernetes";
import { type ImageTable, type ProcessKubelet, startProcessKubelet } from "@kubestack/process-kubelet";
import {
  type ControlPlane,
  type Hudson,
  java,
  natsServerBinary,
  type RunningProcess,
  startControlPlane,
  startHudson,
  temporaryFolder,
} from "@kubestack/real-parts";
import { environment } from "@kubestack/runtime";
import { type ConfigurationParts, configurationFile } from "./configuration-file.ts";
import { applyManifests, rightsFile } from "./manifests.ts";
import { slaveImages } from "./slave-images.ts";
import { WorldEnds } from "./world-ends.ts";

/** The parts of a world, as people are told of them. */
export const partNames = ["nats-server", "kubernetes", "node", "master"] as const;
export type PartName = (typeof partNames)[number];

export interface WorldOptions {
  /** Told what is being done, in words for people, and for which part. */
  readonly progress?: ((line: string, part: PartName) => void) | undefined;
  /** Told each part that is up (of nats-server: the program is there). */
  readonly ready?: ((part: PartName) => void) | undefined;
  /** Cuts the start; a world that is up is ended by its `stop` alone. */
  readonly signal?: AbortSignal | undefined;
  /** Of the master's rounds; default 2s. */
  readonly interval?: string | undefined;
  /** Added to the API server's flags, for example to have its requests written down. */
  readonly apiServerFlags?: readonly string[] | undefined;
  /** Images that its node runs besides the sandbox's own. */
  readonly images?: ImageTable | undefined;
}

/** Everything that KubeStack needs around it, real and fresh: a cluster with one node, and a master. */
export interface World {
  readonly folder: string;
  readonly configFile: string;
  /** What the configuration file was made from. */
  readonly parts: ConfigurationParts;
  readonly cluster: ControlPlane;
  readonly kubelet: ProcessKubelet;
  readonly master: Hudson;
  /** Resolves with a sentence when one of its servers ends without being asked to. */
  readonly died: Promise<string>;
  /** Ends everything by force (nothing of it has to be saved), and removes the folder. May be called twice. */
  stop(): Promise<void>;
}

/** The cluster's one node: its pods are processes of this machine. */
const nodeName = "sandbox-node";

/** Starts a world, its parts side by side. Nothing of it outlives this process, however that ends. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { progress, ready, interval = "2s" } = options;
  const failing = new AbortController();
  const signal = options.signal === undefined ? failing.signal : AbortSignal.any([options.signal, failing.signal]);
  const folder = await temporaryFolder("sandbox");
  const ends = new WorldEnds(() => folder.remove());
  const inFolder = async (name: string): Promise<string> => {
    const path = join(folder.path, name);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  };
  /** The first failure cuts the others: nobody waits five minutes for a build to hear that Java is missing. */
  const part = async <T>(name: PartName, start: (of: PartStart) => Promise<T>): Promise<T> => {
    try {
      const started = await start({ signal, progress: (line) => progress?.(line, name) });
      ready?.(name);
      return started;
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  };
  const startMaster = async (of: PartStart): Promise<Hudson> => {
    const master = await startHudson({ ...of, dir: await inFolder("master") });
    ends.add("servers", () => master.stop());
    return master;
  };
  const startCluster = async (of: PartStart) => {
    const { apiServerFlags } = options;
    const cluster = await startControlPlane({ ...of, dir: await inFolder("cluster"), apiServerFlags });
    ends.add("servers", () => stopCluster(cluster));
    await applyManifests(cluster, rightsFile);
    const token = await cluster.serviceAccountToken({ namespace: "kubestack", name: "slave-supervisor" });
    const tokenFile = join(folder.path, "cluster-token");
    await writeFile(tokenFile, token, { mode: 0o600 });
    return { cluster, tokenFile };
  };
  const startNode = async (of: PartStart, plane: ControlPlane): Promise<ProcessKubelet> => {
    const javaHome = dirname(dirname(await java(of)));
    const connection = connectAsNode(plane);
    ends.add("servers", () => connection.close());
    const images = { ...slaveImages(javaHome, environment.PATH ?? "/usr/bin:/bin"), ...options.images };
    const root = await inFolder("node");
    const kubelet = await startProcessKubelet({ cluster: connection, nodeName, root, images });
    ends.add("node", () => kubelet.stop({ crash: true }));
    return kubelet;
  };
  try {
    const cluster = part("kubernetes", startCluster);
    const settled = await Promise.allSettled([
      part("nats-server", natsServerBinary),
      cluster,
      part("node", async (of) => startNode(of, (await cluster).cluster)),
      part("master", startMaster),
    ] as const);
    signal.throwIfAborted();
    const [binary, { cluster: plane, tokenFile }, kubelet, master] = settled.map((one) =>
      one.status === "fulfilled" ? one.value : undefined,
    ) as [string, Awaited<typeof cluster>, ProcessKubelet, Hudson];
    const configFile = join(folder.path, "config.yaml");
    const parts: ConfigurationParts = {
      nats: { binary, store: join(folder.path, "nats") },
      cluster: { url: plane.url, caFile: plane.caFile, tokenFile },
      master,
      interval,
    };
    await writeFile(configFile, configurationFile(parts));
    const died = firstDeath([...serversOf(plane), master.process()], () => ends.hasBegun);
    return { folder: folder.path, configFile, parts, cluster: plane, kubelet, master, died, stop: () => ends.run() };
  } catch (error) {
    await ends.run();
    throw error;
  }
}

interface PartStart {
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

function serversOf(cluster: ControlPlane): RunningProcess[] {
  return ["etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager"]
    .map((name) => cluster.process(name))
    .filter((running) => running !== undefined);
}

/** Its store goes with it: an orderly end would only take longer. */
async function stopCluster(cluster: ControlPlane): Promise<void> {
  for (const running of serversOf(cluster)) running.send("SIGKILL");
  await cluster.stop();
}

function firstDeath(servers: readonly RunningProcess[], isEnding: () => boolean): Promise<string> {
  return new Promise((resolve) => {
    for (const { name, ended } of servers)
      void ended.then(({ exitCode, signal }) => {
        if (!isEnding()) resolve(`The ${name} ended by itself (${signal ?? `exit code ${exitCode}`})`);
      });
  });
}

/** Its own connection and limits: a node's reports must not wait behind the services' requests. */
function connectAsNode({ url, adminToken, ca }: ControlPlane): Cluster {
  return connectCluster({ kind: "url", url, token: () => adminToken, caPem: ca, qps: 1000, burst: 1000 });
}
