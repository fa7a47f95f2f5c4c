import type { SlaveLife, SlaveRecord } from "@kubestack/contracts";
import { isPodAlive } from "@kubestack/slave";
import { attachingPart, specimenPart } from "@kubestack/templates";
import type { AttachMode } from "../attach-mode.ts";
import { eventsOfOwnPod } from "./own-pod.ts";

/**
 * The pod attaches by itself to a system that KubeStack does not know from within: a worker of Gearman, a runner of another
 * CI system. It is online once it is ready, and over when its agent's container ends.
 */
export const self: AttachMode = {
  showsIdle: false,

  prepare: async () => undefined,

  agentPart: async (slave, { podLabels }) => attachingPart(slave, podLabels),

  agentSpecimen: (of, { podLabels }) => specimenPart(of, { attach: "self", podLabels }),

  register: async () => undefined,

  secretFiles: async () => ({}),

  markOffline: async ({ life }) => ({ isThere: mayWork(life), session: null }),

  bringOnline: async () => ({ isThere: false, session: null }),

  look: async (slave) => {
    if (slave.life === undefined || !mayWork(slave.life)) return { computer: null, session: null };
    const { current } = slave.life.builds;
    const builds = current === null ? [] : [{ url: current.url, number: null }];
    const shown = {
      name: slave.name,
      online: true,
      markedOffline: true,
      idle: false,
      executors: 1,
      labels: null,
      builds,
    };
    return { computer: shown, session: null };
  },

  removeNode: async () => undefined,

  podEvents: (pod, slave: SlaveRecord, at) => eventsOfOwnPod(pod, slave, at),
};

/**
 * Whether something may run in the pod that nobody shows: it was ready, has not ended, and nobody told that its last build
 * is over.
 */
function mayWork(life: SlaveLife): boolean {
  const { current, finishedAt } = life.builds;
  const isDone = current === null && finishedAt !== null;
  return isPodAlive(life) && life.pod.uid !== null && life.agent.firstOnlineAt !== null && !isDone;
}
