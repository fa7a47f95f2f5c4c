import type { FieldFile, KeyToPath, NamedSource, Pod, TokenSource, Volume } from "./pod.ts";
import { type NodeAddress, podField } from "./pod-fields.ts";

/** Finds a Secret's or ConfigMap's values as bytes, in the pod's namespace; nothing where it is not there. */
export type FindBytes = (
  kind: "secret" | "configmap",
  name: string,
) => Readonly<Record<string, Uint8Array>> | undefined;

export interface VolumeFile {
  /** Below the volume's folder. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
}

/** What a volume holds when its pod starts; or why it cannot be set up now, in the words of a kubelet. */
export type VolumeContent =
  | { readonly ok: true; readonly files: readonly VolumeFile[]; readonly tokens: readonly TokenSource[] }
  | { readonly ok: false; readonly message: string };

/** Kinds of volume that are folders of files here. Everything else is refused. */
const KINDS = ["emptyDir", "secret", "configMap", "projected", "downwardAPI"] as const;

/** The mode of a file that names none (octal 644). */
const DEFAULT_MODE = 0o644;

/** Why a process kubelet cannot run a pod at all, or nothing where it can: it has no other file system than the machine's. */
export function refusalOf(pod: Pod): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    if (KINDS.some((kind) => kind in volume)) continue;
    const kind = Object.keys(volume).find((key) => key !== "name") ?? "empty";
    return `volume "${volume.name}" is a ${kind} volume: a process kubelet has only ${KINDS.join(", ")}`;
  }
  const sidecar = pod.spec.initContainers?.find((container) => container.restartPolicy === "Always");
  if (sidecar === undefined) return undefined;
  return `init container "${sidecar.name}" is to run beside the others: a process kubelet runs init containers one after the other`;
}

/** The files of one volume, decided from what `find` knows now. */
export function volumeContent(
  pod: Pod,
  volume: Volume,
  given: { find: FindBytes; address: NodeAddress },
): VolumeContent {
  const files: VolumeFile[] = [];
  const tokens: TokenSource[] = [];
  const mode =
    volume.secret?.defaultMode ??
    volume.configMap?.defaultMode ??
    volume.projected?.defaultMode ??
    volume.downwardAPI?.defaultMode;
  const add = (kind: "secret" | "configmap", source: NamedSource): string | undefined => {
    const found = keyFiles(pod, kind, { source, mode: mode ?? DEFAULT_MODE, find: given.find });
    if (typeof found === "string") return found;
    files.push(...found);
    return undefined;
  };
  const addFields = (items: readonly FieldFile[] = []) => {
    for (const item of items) {
      const text = podField(pod, item.fieldRef?.fieldPath ?? "", given.address) ?? "";
      files.push({ path: item.path, content: Buffer.from(text), mode: item.mode ?? mode ?? DEFAULT_MODE });
    }
  };
  const failures: (string | undefined)[] = [];
  if (volume.secret !== undefined) {
    failures.push(add("secret", { ...volume.secret, name: volume.secret.secretName ?? "" }));
  }
  if (volume.configMap !== undefined) failures.push(add("configmap", volume.configMap));
  addFields(volume.downwardAPI?.items);
  for (const part of volume.projected?.sources ?? []) {
    if (part.secret !== undefined) failures.push(add("secret", part.secret));
    if (part.configMap !== undefined) failures.push(add("configmap", part.configMap));
    addFields(part.downwardAPI?.items);
    if (part.serviceAccountToken !== undefined) tokens.push(part.serviceAccountToken);
  }
  const message = failures.find((failure) => failure !== undefined);
  if (message !== undefined)
    return { ok: false, message: `MountVolume.SetUp failed for volume "${volume.name}" : ${message}` };
  const outside = files.find((file) => leavesFolder(file.path));
  if (outside !== undefined)
    return { ok: false, message: `volume "${volume.name}" has the path ${outside.path}, which leaves it` };
  return { ok: true, files, tokens };
}

function keyFiles(
  pod: Pod,
  kind: "secret" | "configmap",
  given: { source: NamedSource; mode: number; find: FindBytes },
): readonly VolumeFile[] | string {
  const name = given.source.name ?? "";
  const values = given.find(kind, name);
  const optional = given.source.optional === true;
  if (values === undefined) return optional ? [] : `${kind} "${name}" not found`;
  const items: readonly KeyToPath[] = given.source.items ?? Object.keys(values).map((key) => ({ key, path: key }));
  const files: VolumeFile[] = [];
  for (const item of items) {
    const content = Object.hasOwn(values, item.key) ? values[item.key] : undefined;
    if (content !== undefined) files.push({ path: item.path, content, mode: item.mode ?? given.mode });
    else if (!optional) return `references non-existent ${kind} key: ${pod.metadata.namespace}/${name}:${item.key}`;
  }
  return files;
}

function leavesFolder(path: string): boolean {
  return path.startsWith("/") || path.split("/").includes("..");
}
