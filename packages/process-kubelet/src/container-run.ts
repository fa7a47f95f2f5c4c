import { randomUUID } from "node:crypto";
import { access, mkdir, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import { type ContainerLog, openContainerLog } from "./container-log.ts";
import { containerPaths, type PodFolders } from "./container-paths.ts";
import { executableFault } from "./find-executable.ts";
import { pullImage } from "./image-pull.ts";
import { type ImageEntry, imageId } from "./image-table.ts";
import { type KubeletServices, wholeSeconds } from "./kubelet-services.ts";
import { type LaunchPlan, launchPlan } from "./launch-plan.ts";
import type { ValueKind } from "./namespace-values.ts";
import type { Container, Terminated } from "./pod.ts";
import type { PodRecord } from "./pod-record.ts";
import { terminatedState } from "./pod-status.ts";
import type { RunningGroup } from "./process-groups.ts";
import { watchReadiness } from "./readiness.ts";

/** What the containers of one pod share. */
export interface PodRun {
  readonly services: KubeletServices;
  readonly record: PodRecord;
  readonly folders: PodFolders;
  /** Fires when nothing may be started any more. */
  readonly signal: AbortSignal;
  /** What runs now, by container. */
  readonly live: Map<string, RunningGroup>;
  /** The logs of a container, oldest first; no more than two are kept. */
  readonly logs: Map<string, ContainerLog[]>;
}

const NEVER_STARTED = "1970-01-01T00:00:00Z";

/** Runs a container once, from its image to its end. Resolves to how it ended, or nothing where the signal fired before it was started. */
export async function runContainer(
  run: PodRun,
  container: Container,
  kind: "containers" | "initContainers",
): Promise<Terminated | undefined> {
  const { services, record } = run;
  const fieldPath = `spec.${kind}{${container.name}}`;
  const entry = await pullImage(services, container, { record, fieldPath, signal: run.signal });
  if (entry === undefined) return undefined;
  const image = { image: container.image ?? "", imageID: imageId(container.image ?? "", entry) };
  const plan = await planWhenPossible(run, container, entry);
  if (plan === undefined || run.signal.aborted) return undefined;
  const tell = (type: "Normal" | "Warning", reason: string, message: string) =>
    services.events.record(record.pod().metadata, { type, reason, message, fieldPath });
  const containerId = `process://${randomUUID().replaceAll("-", "")}`;
  const fault = await executableFault(plan);
  if (fault !== undefined) {
    const message = `unable to start container process: ${fault}`;
    tell("Warning", "Failed", `Error: ${message}`);
    return endWith(run, container.name, {
      ...image,
      containerID: containerId,
      terminated: startError(message, services.nowMs()),
    });
  }
  const restart = record.container(container.name).restartCount;
  const log = openContainerLog(run.folders.log(container.name, restart), {
    maxBytes: services.maxLogBytes,
    nowMs: services.nowMs,
  });
  run.logs.set(container.name, [...(run.logs.get(container.name) ?? []).slice(-1), log]);
  tell("Normal", "Created", `Container created: ${container.name}`);
  const { uid } = record.pod().metadata;
  const group = await services.processes
    .start(plan, `${uid}/${container.name}`, log.write)
    .catch((error: Error) => error);
  if (group instanceof Error) {
    log.close();
    return endWith(run, container.name, {
      ...image,
      terminated: startError(group.message, services.nowMs()),
    });
  }
  run.live.set(container.name, group);
  // It was told to stop while it was being started.
  if (run.signal.aborted) group.signal("SIGKILL");
  const startedAt = wholeSeconds(services.nowMs());
  const isReady = container.readinessProbe === undefined;
  record.change(container.name, {
    ...image,
    containerID: containerId,
    started: true,
    ready: isReady,
    state: { running: { startedAt } },
  });
  tell("Normal", "Started", `Container started: ${container.name}`);
  const stopProbing = watchReadiness(run, container, { plan, tell });
  const end = await group.ended;
  stopProbing();
  log.close();
  run.live.delete(container.name);
  const finishedAt = wholeSeconds(services.nowMs());
  const { terminated } = terminatedState({ ...end, startedAt, finishedAt, containerId });
  return endWith(run, container.name, { terminated });
}

function endWith(
  run: PodRun,
  name: string,
  { terminated, ...more }: { terminated: Terminated; readonly [more: string]: unknown },
): Terminated {
  run.record.change(name, { ...more, ready: false, started: false, state: { terminated } });
  return terminated;
}

function startError(message: string, nowMs: number): Terminated {
  return { exitCode: 128, reason: "StartError", message, startedAt: NEVER_STARTED, finishedAt: wholeSeconds(nowMs) };
}

/** What the container runs, once everything that its environment refers to is there; its folders are made. */
async function planWhenPossible(run: PodRun, container: Container, entry: ImageEntry): Promise<LaunchPlan | undefined> {
  const { services, record } = run;
  const pod = record.pod();
  const { namespace } = pod.metadata;
  const paths = containerPaths(container, entry, run.folders);
  const find = (kind: ValueKind, name: string) => textValues(services.values.find(kind, namespace, name));
  for (;;) {
    const changed = services.values.changed(namespace, run.signal);
    const planned = launchPlan(pod, container, { entry, paths, folders: run.folders, find, address: services.address });
    if (planned.ok) {
      for (const folder of paths.make) await mkdir(folder, { recursive: true });
      for (const link of paths.links) await linkOnce(link.at, link.to);
      return planned.plan;
    }
    const { reason, message } = planned;
    record.change(container.name, { state: { waiting: { reason, message } } });
    services.events.record(pod.metadata, { type: "Warning", reason: "Failed", message: `Error: ${message}` });
    await changed;
    if (run.signal.aborted) return undefined;
  }
}

function textValues(values: Readonly<Record<string, Uint8Array>> | undefined): Record<string, string> | undefined {
  if (values === undefined) return undefined;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("utf8")]));
}

/** Another container of the pod, or an earlier start of this one, may have made the link already. */
async function linkOnce(at: string, to: string): Promise<void> {
  await mkdir(dirname(at), { recursive: true });
  const isThere = await access(at).then(
    () => true,
    () => false,
  );
  if (!isThere) await symlink(to, at);
}
