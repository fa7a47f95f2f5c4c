import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sentenceOf } from "@kubestack/contracts";
import type { PodFolders } from "./container-paths.ts";
import type { KubeletServices } from "./kubelet-services.ts";
import type { ValueKind } from "./namespace-values.ts";
import type { Pod, TokenSource, Volume } from "./pod.ts";
import { volumeContent } from "./volume-files.ts";

/** A pod whose token could not be had asks again after this, in ms. */
const TOKEN_RETRY_MS = 1_000;

/** Opens the watches of all that a pod refers to, so that what it waits for is noticed. Ends early when the signal fires. */
export async function openValues(services: KubeletServices, pod: Pod, signal: AbortSignal): Promise<void> {
  const text = JSON.stringify(pod.spec);
  const kinds: ValueKind[] = [];
  if (/"secret(KeyRef|Ref)?":/.test(text)) kinds.push("secret");
  if (/"configMap(KeyRef|Ref)?":/.test(text)) kinds.push("configmap");
  const opened = Promise.all(kinds.map((kind) => services.values.open(kind, pod.metadata.namespace)));
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([opened, aborted]);
}

/**
 * Makes the folders of all volumes of a pod. What is not there yet is waited for, and said in a FailedMount event; every
 * volume is complete before any container starts. Raises only what the file system raises.
 */
export async function makeVolumes(
  services: KubeletServices,
  pod: Pod,
  given: { folders: PodFolders; signal: AbortSignal },
): Promise<void> {
  await mkdir(given.folders.tmp, { recursive: true, mode: 0o700 });
  const { namespace } = pod.metadata;
  const find = (kind: ValueKind, name: string) => services.values.find(kind, namespace, name);
  for (const volume of pod.spec.volumes ?? []) {
    while (!given.signal.aborted) {
      const changed = services.values.changed(namespace, given.signal);
      const fault = await makeVolume(services, pod, { volume, folder: given.folders.volume(volume.name), find });
      if (fault === undefined) break;
      services.events.record(pod.metadata, { type: "Warning", reason: "FailedMount", message: fault.message });
      await (fault.retryMs === undefined ? changed : Promise.race([changed, retryAfter(fault.retryMs)]));
    }
  }
}

function retryAfter(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function makeVolume(
  services: KubeletServices,
  pod: Pod,
  given: {
    volume: Volume;
    folder: string;
    find: (kind: ValueKind, name: string) => Readonly<Record<string, Uint8Array>> | undefined;
  },
): Promise<{ message: string; retryMs?: number } | undefined> {
  const content = volumeContent(pod, given.volume, { find: given.find, address: services.address });
  if (!content.ok) return { message: content.message };
  const files = [...content.files];
  for (const token of content.tokens) {
    const value = await serviceAccountToken(services, pod, token).catch((error: unknown) => ({
      fault: sentenceOf(error),
    }));
    if (typeof value !== "string") {
      const message = `MountVolume.SetUp failed for volume "${given.volume.name}" : failed to fetch token: ${value.fault}`;
      return { message, retryMs: TOKEN_RETRY_MS };
    }
    files.push({ path: token.path, content: Buffer.from(value), mode: 0o600 });
  }
  // Written beside and renamed: a container sees all of a volume or nothing.
  const beside = `${given.folder}.new`;
  await rm(beside, { recursive: true, force: true });
  await mkdir(beside, { recursive: true });
  for (const file of files) {
    const path = join(beside, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content, { mode: 0o600 });
    await chmod(path, file.mode & 0o777);
  }
  await rename(beside, given.folder);
  return undefined;
}

async function serviceAccountToken(services: KubeletServices, pod: Pod, token: TokenSource): Promise<string> {
  const account = pod.spec.serviceAccountName ?? "default";
  const answer = await services.cluster.request<{ status: { token: string } }>({
    method: "POST",
    path: `/api/v1/namespaces/${pod.metadata.namespace}/serviceaccounts/${account}/token`,
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        audiences: token.audience === undefined ? [] : [token.audience],
        expirationSeconds: token.expirationSeconds ?? 3600,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name: pod.metadata.name, uid: pod.metadata.uid },
      },
    },
  });
  return answer.status.token;
}
