import { isMap, type Json, type JsonMap, mapsIn } from "@kubestack/templates";
import { pluginWorkDir, pluginWorkspace } from "../plugin/plugin-template.ts";
import { nameOf } from "./pruned.ts";
import type { Tell } from "./telling.ts";

/** KubeStack's own volumes of a slave's pod: the agent's folder, and its Secret. */
const workspace = "workspace";
const ownNames = [workspace, "agent-secret"];

/** The plugin's volume with the agent's folder under KubeStack's name, mounted where the plugin mounts it; no name is used twice. */
export function withWorkspace(spec: JsonMap, agentContainer: string, tell: Tell): JsonMap {
  const volumes = mapsIn(spec.volumes);
  const names = new Set(volumes.map(({ name }) => String(name)));
  const renamed = new Map<string, string>();
  for (const name of ownNames) {
    if (!names.has(name)) continue;
    let other = `${name}-2`;
    for (let number = 3; names.has(other); number += 1) other = `${name}-${number}`;
    names.add(other);
    renamed.set(name, other);
    tell({
      path: ["spec", "volumes", name],
      verdict: "changed",
      says: `called ${other}: KubeStack's own is called ${name}`,
    });
  }
  if (names.has(pluginWorkspace)) {
    tell({
      path: ["spec", "volumes", pluginWorkspace],
      verdict: "changed",
      says: `called ${workspace}, as KubeStack's volume with the agent's folder is`,
      isKnownOfFields: true,
    });
  }
  renamed.set(pluginWorkspace, workspace);
  const newName = (name: Json | undefined): Json => renamed.get(String(name)) ?? name ?? "";
  const moved = volumes.map((volume) => ({ ...volume, name: newName(volume.name) })).filter((one) => !isPlain(one));
  const containers = mapsIn(spec.containers);
  const agentFolder = folderOf(containers.find(({ name }) => name === agentContainer) ?? {});
  const isThere = ({ name }: JsonMap): boolean => name === pluginWorkspace || names.has(String(name));
  const remounted = (container: JsonMap, list: "containers" | "initContainers"): JsonMap => {
    const all = mapsIn(container.volumeMounts);
    for (const mount of all.filter((one) => !isThere(one)))
      tell({
        path: ["spec", list, nameOf(container), "volumeMounts", nameOf(mount)],
        verdict: "lost",
        says: "mounts a volume that the pod has not; it was left out",
      });
    const mounts = all.filter(isThere).map((mount) => ({ ...mount, name: newName(mount.name) }));
    return { ...container, ...(all.length === 0 ? {} : { volumeMounts: mounts }) };
  };
  const withFolder = (container: JsonMap): JsonMap => {
    const one = remounted(container, "containers");
    const folder = String(one.workingDir ?? agentFolder ?? pluginWorkDir);
    const mounts = mapsIn(one.volumeMounts);
    // KubeStack itself mounts it in the agent's container.
    if (one.name === agentContainer) {
      const others = mounts.filter(
        ({ name, mountPath, ...more }) => !(name === workspace && mountPath === folder && isBare(more)),
      );
      return { ...one, volumeMounts: others };
    }
    const isMounted = mounts.some(({ mountPath }) => mountPath === folder);
    return {
      ...one,
      ...(one.workingDir === undefined && agentFolder !== undefined ? { workingDir: agentFolder } : {}),
      volumeMounts: isMounted ? mounts : [...mounts, { name: workspace, mountPath: folder }],
    };
  };
  return {
    ...spec,
    volumes: moved,
    containers: containers.map(withFolder),
    initContainers: mapsIn(spec.initContainers).map((one) => remounted(one, "initContainers")),
  };
}

function folderOf({ workingDir }: JsonMap): string | undefined {
  return typeof workingDir === "string" && workingDir !== "" ? workingDir : undefined;
}

/** The folder's volume as KubeStack has it anyway. */
function isPlain({ name, ...source }: JsonMap): boolean {
  if (name !== workspace) return false;
  const { emptyDir, ...others } = source;
  if (!isBare(others)) return false;
  return emptyDir === undefined || (isMap(emptyDir) && isBare(emptyDir));
}

/** Says nothing but what is so anyway. */
function isBare(map: JsonMap): boolean {
  return Object.values(map).every((value) => value === "" || value === false);
}
