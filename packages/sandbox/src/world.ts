import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { connectCluster } from "@kubestack/kubernetes";
import { type ProcessKubelet, startProcessKubelet } from "@kubestack/process-kubelet";
import {
  type ControlPlane,
  type Hudson,
  java,
  natsServerBinary,
  startControlPlane,
  startHudson,
  temporaryFolder,
} from "@kubestack/real-parts";
import { environment } from "@kubestack/runtime";
import { type ConfigurationParts, configurationFile } from "./configuration-file.ts";
import { applyManifests, rightsFile } from "./manifests.ts";
import { slaveImages } from "./slave-images.ts";

export interface WorldOptions {
  /** Told what is being done, in words for people. */
  readonly progress?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Of the master's rounds; default 2s. */
  readonly interval?: string | undefined;
  /** Added to the API server's flags, for example to have its requests written down. */
  readonly apiServerFlags?: readonly string[] | undefined;
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
  /** Ends everything, and removes the folder. */
  stop(): Promise<void>;
}

const nodeName = "sandbox-node";

/** Starts a world, its parts side by side. Nothing of it outlives this process, however that ends. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { progress, signal, interval = "2s" } = options;
  const part = { ...(progress === undefined ? {} : { progress }), ...(signal === undefined ? {} : { signal }) };
  const folder = await temporaryFolder("sandbox");
  const ends: (() => Promise<unknown>)[] = [() => folder.remove()];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end().catch(() => undefined);
  };
  /** Keeps what was started even where its neighbour failed meanwhile. */
  const keep = async <T>(starting: Promise<T>, end: (started: T) => Promise<unknown>): Promise<T> => {
    const started = await starting;
    ends.push(() => end(started));
    return started;
  };
  const inFolder = async (name: string): Promise<string> => {
    const path = join(folder.path, name);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const startCluster = async () => {
    const cluster = await keep(
      startControlPlane({ ...part, dir: await inFolder("cluster"), apiServerFlags: options.apiServerFlags }),
      (plane) => plane.stop(),
    );
    await applyManifests(cluster, rightsFile);
    const [token, kubelet] = await Promise.all([
      cluster.serviceAccountToken({ namespace: "kubestack", name: "slave-supervisor" }),
      keep(startNode(cluster, await inFolder("node"), part), (node) => node.stop()),
    ]);
    const tokenFile = join(folder.path, "cluster-token");
    await writeFile(tokenFile, token, { mode: 0o600 });
    return { cluster, kubelet, tokenFile };
  };
  try {
    const settled = await Promise.allSettled([
      natsServerBinary(part),
      startCluster(),
      inFolder("master").then((dir) => keep(startHudson({ ...part, dir }), (hudson) => hudson.stop())),
    ] as const);
    const [binary, { cluster, kubelet, tokenFile }, master] = settled.map((one) => {
      if (one.status === "rejected") throw one.reason;
      return one.value;
    }) as [string, Awaited<ReturnType<typeof startCluster>>, Hudson];
    const configFile = join(folder.path, "config.yaml");
    const parts = {
      nats: { binary, store: join(folder.path, "nats") },
      cluster: { url: cluster.url, caFile: cluster.caFile, tokenFile },
      master,
      interval,
    };
    await writeFile(configFile, configurationFile(parts));
    return {
      parts,
      folder: folder.path,
      configFile,
      cluster,
      kubelet,
      master,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The cluster's one node: its pods are processes of this machine. */
async function startNode(plane: ControlPlane, root: string, part: { signal?: AbortSignal }): Promise<ProcessKubelet> {
  const javaHome = dirname(dirname(await java(part)));
  // Its own connection and limits: a node's reports must not wait behind the services' requests.
  const cluster = connectCluster({
    kind: "url",
    url: plane.url,
    token: () => plane.adminToken,
    caPem: plane.ca,
    qps: 1000,
    burst: 1000,
  });
  return startProcessKubelet({
    cluster,
    nodeName,
    root,
    images: slaveImages(javaHome, environment.PATH ?? "/usr/bin:/bin"),
  });
}
