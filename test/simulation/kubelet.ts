import type { MasterCore } from "@kubestack/jenkins-simulator";
import { agentContainerName } from "@kubestack/templates";
import type { MemoryCluster, Stored } from "./memory-cluster.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface KubeletOptions {
  readonly time: VirtualTime;
  readonly cluster: MemoryCluster;
  readonly core: MasterCore;
  /** The part of pods whose agent's container ends before it connects. */
  readonly failing: number;
  /** From a pod's creation to its agent's first try to connect, in milliseconds. */
  readonly startMs: readonly [least: number, most: number];
}

/** Runs the pods of a simulation: schedules and starts them, connects their agents to the master, and ends them. */
export function startKubelet({ time, cluster, core, failing, startMs }: KubeletOptions): void {
  const isThere = ({ metadata: { name, uid } }: Stored): boolean => cluster.pods.get(name)?.metadata.uid === uid;
  const isGoing = ({ metadata: { name } }: Stored): boolean =>
    cluster.pods.get(name)?.metadata.deletionTimestamp !== undefined;

  const container = (state: object, phase: string) => ({
    status: {
      phase,
      containerStatuses: [{ name: agentContainerName, image: "i", imageID: "i", ready: true, restartCount: 0, state }],
    },
  });

  /** An agent comes by itself, again and again, until its node is there. */
  const connect = (pod: Stored): void => {
    const { name } = pod.metadata;
    if (!isThere(pod) || isGoing(pod)) return;
    const node = core.state.nodes.get(name);
    if (node !== undefined && node.connectedAtMs === null && core.state.phase === "running") core.connect(name);
    time.in(1000, () => connect(pod));
  };

  /** The agent's container starts once its Secret is there. */
  const run = (pod: Stored): void => {
    const { name, uid } = pod.metadata;
    if (!isThere(pod) || isGoing(pod)) return;
    if (!cluster.secrets.has(name)) {
      time.in(200, () => run(pod));
      return;
    }
    if (time.chance(failing)) {
      cluster.change(name, uid, () => container({ terminated: { exitCode: 1, reason: "Error" } }, "Failed"));
      return;
    }
    cluster.change(name, uid, () => container({ running: { startedAt: "2026-01-01T00:00:00Z" } }, "Running"));
    time.in(time.between(50, 400), () => connect(pod));
  };

  cluster.onPod((change, pod) => {
    const { name, uid, deletionTimestamp } = pod.metadata;
    if (change === "ADDED") {
      const total = time.between(...startMs);
      time.in(total / 4, () => cluster.change(name, uid, ({ spec }) => ({ spec: { ...spec, nodeName: "node-1" } })));
      time.in(total, () => run(pod));
    }
    if (deletionTimestamp === undefined || change !== "MODIFIED") return;
    // The process ends, its connection with it, and a moment later the pod is out of the store.
    time.in(time.between(50, 500), () => {
      if (core.state.nodes.has(name)) core.disconnect(name);
      cluster.remove(name, uid);
    });
  });
}
