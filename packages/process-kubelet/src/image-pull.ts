import { findImage, fullImageName, type ImageEntry, pullFailure } from "./image-table.ts";
import type { KubeletServices } from "./kubelet-services.ts";
import { pause } from "./pause.ts";
import type { Container } from "./pod.ts";
import type { PodRecord } from "./pod-record.ts";

/** The wait before the next try of something that failed `failures` times in a row (1: the first). */
export function backoffMs(failures: number, limits: { firstBackoffMs: number; longestBackoffMs: number }): number {
  return Math.min(limits.longestBackoffMs, limits.firstBackoffMs * 2 ** Math.min(30, failures - 1));
}

/**
 * The image of a container, or nothing where the signal fired first. An image that the table does not know is pulled for
 * ever, with longer and longer waits, as a real kubelet does; the container's status and events say so.
 */
export async function pullImage(
  services: KubeletServices,
  container: Container,
  given: { record: PodRecord; fieldPath: string; signal: AbortSignal },
): Promise<ImageEntry | undefined> {
  const name = container.image ?? "";
  const meta = given.record.pod().metadata;
  const tell = (type: "Normal" | "Warning", reason: string, message: string) =>
    services.events.record(meta, { type, reason, message, fieldPath: given.fieldPath });
  for (let failures = 1; !given.signal.aborted; failures += 1) {
    const entry = findImage(services.images, name);
    if (entry !== undefined) {
      await pullKnown(services, { name, pullMs: entry.pullMs ?? 0, tell, signal: given.signal });
      return given.signal.aborted ? undefined : entry;
    }
    const failure = pullFailure(name);
    tell("Normal", "Pulling", `Pulling image "${name}"`);
    tell("Warning", "Failed", `Failed to pull image "${name}": ${failure}`);
    tell("Warning", "Failed", "Error: ErrImagePull");
    wait(given.record, container.name, { reason: "ErrImagePull", message: failure });
    const waitMs = backoffMs(failures, services.timings);
    const shownMs = Math.min(waitMs, services.timings.pullErrorShownMs);
    await pause(shownMs, given.signal);
    if (given.signal.aborted) break;
    tell("Normal", "BackOff", `Back-off pulling image "${name}"`);
    tell("Warning", "Failed", "Error: ImagePullBackOff");
    const message = `Back-off pulling image "${name}": ErrImagePull: ${failure}`;
    wait(given.record, container.name, { reason: "ImagePullBackOff", message });
    await pause(waitMs - shownMs, given.signal);
  }
  return undefined;
}

/** An image that takes time to pull takes it once; after that, and where it takes none, it is on the machine. */
async function pullKnown(
  services: KubeletServices,
  given: {
    name: string;
    pullMs: number;
    tell: (type: "Normal", reason: string, message: string) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const full = fullImageName(given.name);
  if (given.pullMs === 0 || services.pulled.has(full)) {
    return given.tell("Normal", "Pulled", `Container image "${given.name}" already present on machine`);
  }
  given.tell("Normal", "Pulling", `Pulling image "${given.name}"`);
  await pause(given.pullMs, given.signal);
  if (given.signal.aborted) return;
  services.pulled.add(full);
  given.tell("Normal", "Pulled", `Successfully pulled image "${given.name}" in ${given.pullMs}ms`);
}

function wait(record: PodRecord, name: string, waiting: { reason: string; message: string }): void {
  record.change(name, { ready: false, started: false, state: { waiting } });
}
