import type { MasterCore } from "@kubestack/jenkins-simulator";
import { agentContainerIn, slaveLabel } from "@kubestack/templates";
import type { MemoryCluster, Stored } from "./memory-cluster.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface KubeletOptions {
  readonly time: VirtualTime;
  readonly cluster: MemoryCluster;
  /** The master of a pod. */
  readonly coreOf: (pod: Stored) => MasterCore;
  /** The part of pods whose agent's container ends before it connects. */
  readonly failing: number;
  /** From a pod's creation to its agent's first try to connect, in milliseconds. */
  readonly startMs: readonly [least: number, most: number];
  /** How many machines there are. Default 1. */
  readonly machines?: number | undefined;
}

/** The machines' side of a simulation. */
export interface Kubelet {
  /** The machine stops, with all that runs on it. Nobody tells the master: it finds out after `unheardMs`. */
  die(machine: string, unheardMs: number): void;
  /** The agent's container ends, the agent's connection with it. */
  crash(pod: string, terminated: { readonly exitCode: number; readonly reason: string }): void;
  /** The agent does not reach its master any more, though its container runs on; the master finds out after `unheardMs`. */
  cutOff(pod: string, unheardMs: number): void;
}

/** From a machine's last word until the cluster calls it not ready, in milliseconds. */
const silenceMs = 45_000;

/** Runs the pods of a simulation: schedules and starts them, connects their agents to the master, and ends them. */
export function startKubelet({ time, cluster, coreOf, failing, startMs, machines = 1 }: KubeletOptions): Kubelet {
  const dead = new Set<string>();
  const unreachable = new Set<string>();
  const machineOf = (pod: Stored): string | undefined =>
    (cluster.pods.get(pod.metadata.name)?.spec as { nodeName?: string } | undefined)?.nodeName;
  const isDead = (pod: Stored): boolean => dead.has(machineOf(pod) ?? "");
  /** The scheduler asks nothing of machines that are not ready; one that has just died is still taken. */
  const machineFor = (): string => {
    if (machines === 1) return "node-1";
    const ready = Array.from({ length: machines }, (_, n) => `node-${n + 1}`).filter(
      (name) => cluster.machines.get(name) !== "not-ready",
    );
    return ready[Math.floor(time.random() * ready.length)] ?? "node-1";
  };
  const isThere = ({ metadata: { name, uid } }: Stored): boolean => cluster.pods.get(name)?.metadata.uid === uid;
  const isGoing = ({ metadata: { name } }: Stored): boolean =>
    cluster.pods.get(name)?.metadata.deletionTimestamp !== undefined;

  const hasFailed = ({ metadata: { name } }: Stored): boolean =>
    (cluster.pods.get(name)?.status as { phase?: string } | undefined)?.phase === "Failed";

  const container = (agent: string, state: object, phase: string) => ({
    status: {
      phase,
      containerStatuses: [
        {
          name: agent,
          image: "i",
          imageID: "i",
          ready: true,
          restartCount: 0,
          state,
        },
      ],
    },
  });

  /** The node of a pod's slave, which may have had other pods before. */
  const nodeOf = ({ metadata: { name, labels } }: Stored): string => labels?.[slaveLabel] ?? name;
  /** Which pod's agent is a node's, by uid. */
  const attached = new Map<string, string>();

  /** An agent comes by itself, again and again, until its node is there. */
  const connect = (pod: Stored): void => {
    const { name, uid } = pod.metadata;
    if (!isThere(pod) || isGoing(pod) || isDead(pod) || hasFailed(pod) || unreachable.has(name)) return;
    const core = coreOf(pod);
    const of = nodeOf(pod);
    const node = core.state.nodes.get(of);
    if (node !== undefined && node.connectedAtMs === null && core.state.phase === "running") {
      attached.set(of, uid);
      core.connect(of);
    }
    time.in(1000, () => connect(pod));
  };

  /** The agent's container starts once its Secret is there. */
  const run = (pod: Stored): void => {
    const { name, uid, annotations = {} } = pod.metadata;
    const agent = agentContainerIn(annotations);
    if (!isThere(pod) || isGoing(pod) || isDead(pod)) return;
    if (!cluster.secrets.has(name)) {
      time.in(200, () => run(pod));
      return;
    }
    if (time.chance(failing)) {
      cluster.change(name, uid, () => container(agent, { terminated: { exitCode: 1, reason: "Error" } }, "Failed"));
      return;
    }
    cluster.change(name, uid, () => container(agent, { running: { startedAt: "2026-01-01T00:00:00Z" } }, "Running"));
    time.in(time.between(50, 400), () => connect(pod));
  };

  cluster.onPod((change, pod) => {
    const { name, uid, deletionTimestamp } = pod.metadata;
    if (change === "ADDED") {
      const total = time.between(...startMs);
      time.in(total / 4, () =>
        cluster.change(name, uid, ({ spec }) => ({ spec: { ...spec, nodeName: machineFor() } })),
      );
      time.in(total, () => run(pod));
    }
    if (change === "MODIFIED" && isOutOfTime(pod) && deletionTimestamp === undefined && !isDead(pod)) {
      time.in(time.between(50, 500), () => {
        disconnect(pod);
        cluster.change(name, uid, ({ status }) => ({
          status: { ...status, phase: "Failed", reason: "DeadlineExceeded", message: "Pod was active too long" },
        }));
      });
    }
    // Where the machine is dead nobody ends it, and nobody says that it has ended.
    if (deletionTimestamp === undefined || change !== "MODIFIED" || isDead(pod)) return;
    // The process ends, its connection with it, and a moment later the pod is out of the store.
    time.in(time.between(50, 500), () => {
      disconnect(pod);
      cluster.remove(name, uid);
    });
  });

  /** The order to stop, seen for the first time. */
  const isOutOfTime = ({ spec, status }: Stored): boolean => {
    const { activeDeadlineSeconds } = (spec ?? {}) as { activeDeadlineSeconds?: number };
    return activeDeadlineSeconds !== undefined && (status as { phase?: string } | undefined)?.phase !== "Failed";
  };

  const disconnect = (pod: Stored): void => {
    const node = nodeOf(pod);
    if (attached.get(node) !== pod.metadata.uid) return;
    if (coreOf(pod).state.nodes.has(node)) coreOf(pod).disconnect(node);
  };

  const podsOn = (machine: string): Stored[] => [...cluster.pods.values()].filter((pod) => machineOf(pod) === machine);

  /** The cluster evicts what does not tolerate that its machine is not heard of for so long. */
  const evict = (pod: Stored): void => {
    const { tolerations = [] } = (pod.spec ?? {}) as { tolerations?: { tolerationSeconds?: number }[] };
    const status = { conditions: [{ type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager" }] };
    time.in((tolerations[0]?.tolerationSeconds ?? 300) * 1000, () => cluster.goes(pod.metadata.name, { status }));
  };

  return {
    die(machine, unheardMs) {
      dead.add(machine);
      const lost = podsOn(machine);
      time.in(unheardMs, () => {
        for (const pod of lost) disconnect(pod);
      });
      time.in(silenceMs, () => {
        cluster.machines.set(machine, "not-ready");
        for (const pod of podsOn(machine)) evict(pod);
      });
    },
    crash(name, terminated) {
      const pod = cluster.pods.get(name);
      if (pod === undefined) return;
      unreachable.add(name);
      const agent = agentContainerIn(pod.metadata.annotations ?? {});
      cluster.change(name, pod.metadata.uid, () => container(agent, { terminated }, "Failed"));
      disconnect(pod);
    },
    cutOff(name, unheardMs) {
      const pod = cluster.pods.get(name);
      if (pod === undefined) return;
      unreachable.add(name);
      time.in(unheardMs, () => disconnect(pod));
    },
  };
}
