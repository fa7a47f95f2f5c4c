import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, connectCluster } from "@kubestack/kubernetes";
import { type ControlPlane, startControlPlane } from "@kubestack/real-parts";
import { expect, vi } from "vitest";
import type { ImageTable } from "./image-table.ts";
import { type ProcessKubelet, type ProcessKubeletOptions, startProcessKubelet } from "./kubelet.ts";
import type { Pod } from "./pod.ts";

/** What the tests' pods run. */
export const IMAGES: ImageTable = {
  shell: { entrypoint: ["sh", "-c"], cmd: ["exit 0"] },
  slow: { entrypoint: ["true"], pullMs: 300 },
};

/** A real control plane with process kubelets, and a few words to speak to it. */
export interface World {
  readonly plane: ControlPlane;
  readonly cluster: Cluster;
  startNode(
    nodeName: string,
    options?: Partial<ProcessKubeletOptions>,
  ): Promise<ProcessKubelet & { root: string; lines: string[] }>;
  /** Creates a pod in `default`; `spec` is merged over one container that runs `script`. */
  create(name: string, script: string, more?: { container?: object; spec?: object }): Promise<Pod>;
  get(name: string): Promise<Pod | undefined>;
  log(name: string, query?: string): Promise<string>;
  /** Reads the pod until `check` no longer throws. */
  until(name: string, check: (pod: Pod) => void, timeoutMs?: number): Promise<Pod>;
  remove(name: string, graceSeconds?: number): Promise<void>;
  untilGone(name: string, timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const plane = await startControlPlane();
  const cluster = connectCluster({
    kind: "url",
    url: plane.url,
    token: () => plane.adminToken,
    caPem: plane.ca,
    qps: 1_000,
    burst: 1_000,
  });
  const pods = "/api/v1/namespaces/default/pods";
  const nodes: { stop(): Promise<void>; root: string }[] = [];
  const get = async (name: string) => {
    const answer = await plane.call(`${pods}/${name}`);
    return answer.status === 200 ? (JSON.parse(answer.body) as Pod) : undefined;
  };
  return {
    plane,
    cluster,
    get,
    startNode: async (nodeName, options = {}) => {
      const root = options.root ?? (await mkdtemp(join(tmpdir(), "kubelet-")));
      const lines: string[] = [];
      const log = (line: string) => void lines.push(line);
      const node = await startProcessKubelet({ cluster, nodeName, root, images: IMAGES, log, ...options });
      nodes.push({ stop: () => node.stop(), root });
      // The controllers take the taint of a new node away a moment after it is ready.
      await vi.waitFor(async () => {
        const found = (await plane.json(`/api/v1/nodes/${nodeName}`)) as { spec: { taints?: unknown[] } };
        expect(found.spec.taints ?? []).toEqual(options.taints ?? []);
      }, 20_000);
      return { ...node, root, lines };
    },
    create: async (name, script, { container = {}, spec = {} } = {}) => {
      const body = {
        metadata: { name, namespace: "default" },
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: false,
          containers: [{ name: "main", image: "shell", args: [script], ...container }],
          ...spec,
        },
      };
      return (await plane.json(pods, { method: "POST", body })) as Pod;
    },
    log: async (name, query = "") => (await plane.call(`${pods}/${name}/log?${query}`)).body,
    until: async (name, check, timeoutMs = 15_000) => {
      return vi.waitFor(
        async () => {
          const pod = await get(name);
          if (pod === undefined) throw new Error(`pod ${name} is not there`);
          check(pod);
          return pod;
        },
        { timeout: timeoutMs, interval: 20 },
      );
    },
    remove: async (name, graceSeconds) => {
      const body = graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds };
      await cluster.request({ method: "DELETE", path: `${pods}/${name}`, body });
    },
    untilGone: async (name, timeoutMs = 15_000) => {
      await vi.waitFor(async () => expect(await get(name)).toBeUndefined(), { timeout: timeoutMs, interval: 20 });
    },
    stop: async () => {
      for (const node of nodes) await node.stop();
      await cluster.close();
      await plane.stop();
      for (const node of nodes) await rm(node.root, { recursive: true, force: true });
    },
  };
}
