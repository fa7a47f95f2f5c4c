import { type PodRun, runContainer } from "./container-run.ts";
import { backoffMs } from "./image-pull.ts";
import { pause } from "./pause.ts";
import type { Container, Terminated } from "./pod.ts";

/** A container that ran as long as this before it ended starts again without a grudge. */
const GOOD_RUN_MS = 600_000;

/**
 * Runs a container and starts it again as the pod's restart policy says, with longer and longer waits between. Resolves
 * to its last end, or to nothing where the signal fired first.
 */
export async function liveContainer(
  run: PodRun,
  container: Container,
  kind: "containers" | "initContainers",
): Promise<Terminated | undefined> {
  const { services, record } = run;
  for (let failures = 1; ; failures += 1) {
    const begunMs = services.nowMs();
    const end = await runContainer(run, container, kind);
    if (end === undefined || run.signal.aborted) return end;
    if (!startsAgain(record.pod().spec.restartPolicy, kind, end.exitCode)) return end;
    if (services.nowMs() - begunMs >= GOOD_RUN_MS) failures = 1;
    const waitMs = backoffMs(failures, services.timings);
    const { name, namespace } = record.pod().metadata;
    const message = `back-off ${Math.round(waitMs / 1_000)}s restarting failed container=${container.name} pod=${name}_${namespace}`;
    const { state } = record.container(container.name);
    const waiting = { reason: "CrashLoopBackOff", message };
    record.change(container.name, { state: { waiting }, lastState: state });
    services.events.record(record.pod().metadata, {
      type: "Warning",
      reason: "BackOff",
      message: `Back-off restarting failed container ${container.name}`,
      fieldPath: `spec.${kind}{${container.name}}`,
    });
    await pause(waitMs, run.signal);
    if (run.signal.aborted) return end;
    record.change(container.name, { restartCount: record.container(container.name).restartCount + 1 });
  }
}

/** Whether a container that ended with `exitCode` is started again. An init container has done its work once it succeeds. */
export function startsAgain(
  policy: "Always" | "OnFailure" | "Never" | undefined,
  kind: "containers" | "initContainers",
  exitCode: number,
): boolean {
  if (policy === "Never") return false;
  if (policy === "OnFailure" || kind === "initContainers") return exitCode !== 0;
  return true;
}
