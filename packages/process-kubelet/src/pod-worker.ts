import { rm } from "node:fs/promises";
import { sentenceOf } from "@kubestack/contracts";
import { liveContainer } from "./container-life.ts";
import type { ContainerLog } from "./container-log.ts";
import { podFolders } from "./container-paths.ts";
import type { PodRun } from "./container-run.ts";
import { type KubeletServices, wholeSeconds } from "./kubelet-services.ts";
import { pause } from "./pause.ts";
import type { Pod } from "./pod.ts";
import { deletePod } from "./pod-deletion.ts";
import { type PodKiller, podKiller } from "./pod-killer.ts";
import { podRecord } from "./pod-record.ts";
import { lostContainer } from "./pod-status.ts";
import { makeVolumes, openValues } from "./pod-volumes.ts";
import { statusWriter } from "./status-writer.ts";
import { refusalOf } from "./volume-files.ts";

/** One pod of the node, from the moment it is seen here until nothing of it is left. */
export interface PodWorker {
  readonly uid: string;
  /** The pod has changed at the API server. */
  update(pod: Pod): void;
  /** The pod is not at the API server any more: everything of it ends at once. */
  gone(): void;
  /** The node stops: everything ends at once; `say` writes that down first. */
  shutDown(say: boolean): Promise<void>;
  /** Its processes. */
  running(): { container: string; pid: number }[];
  /** The output of the last start of a container, or of the one before. */
  log(container: string, previous: boolean): ContainerLog | undefined;
  readonly ended: Promise<void>;
}

/** Takes on a pod that is bound to this node. What happens to it afterwards never raises: it is in its status, or in the log. */
export function startPodWorker(services: KubeletServices, first: Pod): PodWorker {
  const { uid } = first.metadata;
  const folders = podFolders(services.root, uid);
  const stopping = new AbortController();
  const over = Promise.withResolvers<"deleted" | "gone">();
  const nowIso = () => wholeSeconds(services.nowMs());
  const record = podRecord(first, { hostIp: services.address.hostIp, nowIso, onChange: () => writer.poke() });
  const run: PodRun = { services, record, folders, signal: stopping.signal, live: new Map(), logs: new Map() };
  const killer: PodKiller = podKiller(run, stopping);
  const gone = () => {
    over.resolve("gone");
    killer.kill(0);
  };
  const writer = statusWriter({
    cluster: services.cluster,
    meta: first.metadata,
    status: record.written,
    onGone: gone,
    log: services.log,
  });
  const deletionSeen = (pod: Pod) => {
    if (pod.metadata.deletionTimestamp === undefined) return;
    over.resolve("deleted");
    killer.kill((pod.metadata.deletionGracePeriodSeconds ?? 30) * 1_000);
  };
  const whole = async () => {
    const living = livePod(run, killer).catch((error: unknown) => {
      services.log(`pod ${first.metadata.namespace}/${first.metadata.name}: ${sentenceOf(error)}`);
      record.decide("ContainerCannotRun", sentenceOf(error));
    });
    const why = await over.promise;
    await living;
    await killer.done();
    if (why === "deleted") {
      record.changeAll(lostContainer);
      await writer.settled();
      await deletePod(services, first.metadata, killer.abandoned);
    }
    writer.stop();
    await rm(folders.root, { recursive: true, force: true });
  };
  const ended = whole().catch((error: unknown) => services.log(`pod ${uid}: ${sentenceOf(error)}`));
  deletionSeen(first);
  return {
    uid,
    update: (pod) => {
      record.replacePod(pod);
      killer.deadlineMayHaveChanged();
      deletionSeen(pod);
    },
    gone,
    shutDown: async (say) => {
      const isWorthSaying = say && !isOver(record.written().phase);
      if (isWorthSaying) record.decide("Terminated", "Pod was terminated in response to imminent node shutdown.");
      if (!say) writer.stop();
      killer.kill(0);
      await killer.done();
      if (isWorthSaying) record.changeAll(lostContainer);
      const enough = new AbortController();
      await Promise.race([writer.settled(), pause(services.timings.stopMs, enough.signal)]);
      enough.abort();
      writer.stop();
      killer.abandon();
      over.resolve("gone");
      await ended;
    },
    running: () => [...run.live].map(([container, group]) => ({ container, pid: group.pid })),
    log: (container, previous) => run.logs.get(container)?.at(previous ? -2 : -1),
    ended,
  };
}

function isOver(phase: string): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** From the folders to the last container's end. Returns when nothing of the pod runs or will be started. */
async function livePod(run: PodRun, killer: PodKiller): Promise<void> {
  const { services, record } = run;
  const pod = record.pod();
  if (isOver(pod.status?.phase ?? "")) return;
  if (pod.status?.startTime !== undefined) {
    // Its processes ended with the kubelet that had started them; that is all that is known of them.
    record.changeAll(lostContainer);
    return record.decide("NodeLost", "The kubelet that ran this pod has ended, and its processes with it.");
  }
  const refusal = refusalOf(pod);
  if (refusal !== undefined) return record.decide("UnexpectedAdmissionError", refusal);
  record.changeAll((status) => status);
  await openValues(services, pod, run.signal);
  await makeVolumes(services, pod, { folders: run.folders, signal: run.signal });
  if (run.signal.aborted) return;
  record.markSandboxReady();
  const cancelDeadline = killer.watchDeadline();
  try {
    for (const container of pod.spec.initContainers ?? []) {
      const end = await liveContainer(run, container, "initContainers");
      if (end?.exitCode !== 0) return;
    }
    await Promise.all(pod.spec.containers.map((container) => liveContainer(run, container, "containers")));
  } finally {
    cancelDeadline();
  }
}
