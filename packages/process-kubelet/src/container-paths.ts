import { join, posix } from "node:path";
import type { ImageEntry } from "./image-table.ts";
import { type MountedPath, normalisedPath } from "./mount-paths.ts";
import type { Container } from "./pod.ts";

/** Where a pod keeps its things: everything below one folder, which goes with the pod. */
export interface PodFolders {
  readonly root: string;
  readonly volume: (name: string) => string;
  readonly container: (name: string) => string;
  readonly log: (container: string, restart: number) => string;
  readonly tmp: string;
}

/** The folders of a pod below the kubelet's `root`. */
export function podFolders(root: string, uid: string): PodFolders {
  const own = join(root, "pods", uid);
  return {
    root: own,
    volume: (name) => join(own, "volumes", name),
    container: (name) => join(own, "containers", name),
    log: (container, restart) => join(own, "logs", container, `${restart}.log`),
    tmp: join(own, "tmp"),
  };
}

/** Every path that a container sees and where it is: its mounts, its image's files, and folders of its own. */
export interface ContainerPaths {
  readonly paths: readonly MountedPath[];
  /** Folders to make before the start. */
  readonly make: readonly string[];
  /** Links to make, so that a mount inside another folder is also found by walking there. */
  readonly links: readonly { readonly at: string; readonly to: string }[];
  /** Where the process starts. */
  readonly workingDir: string;
}

/** The paths of `container`, which runs the image `entry`, in a pod that keeps its things in `folders`. */
export function containerPaths(container: Container, entry: ImageEntry, folders: PodFolders): ContainerPaths {
  const own = folders.container(container.name);
  const paths = new Map<string, string>();
  const make = [own];
  for (const [path, host] of Object.entries(entry.files ?? {})) paths.set(normalisedPath(path), host);
  const claim = (path: string) => {
    const folder = join(own, path);
    make.push(folder);
    paths.set(path, folder);
  };
  for (const path of entry.folders ?? []) claim(normalisedPath(path));
  for (const mount of container.volumeMounts ?? []) {
    const volume = folders.volume(mount.name);
    paths.set(normalisedPath(mount.mountPath), mount.subPath === undefined ? volume : join(volume, mount.subPath));
  }
  const wanted = normalisedPath(container.workingDir ?? entry.workingDir ?? "/");
  const parent = longestParent(paths, wanted);
  if (wanted !== "/" && parent === undefined) claim(wanted);
  const workingDir = wanted === "/" ? own : hostPath(paths, wanted);
  if (parent !== undefined && wanted !== parent) make.push(workingDir);
  const links = [...paths].flatMap(([path, to]) => {
    const above = longestParent(paths, posix.dirname(path));
    if (above === undefined || entry.files?.[above] !== undefined) return [];
    return [{ at: hostPath(paths, path, above), to }];
  });
  return {
    paths: [...paths].map(([path, host]) => ({ containerPath: path, hostPath: host })),
    make,
    links,
    workingDir,
  };
}

function longestParent(paths: ReadonlyMap<string, string>, path: string): string | undefined {
  for (let at = path; at !== "/" && at !== "."; at = posix.dirname(at)) if (paths.has(at)) return at;
  return undefined;
}

function hostPath(paths: ReadonlyMap<string, string>, path: string, under = longestParent(paths, path)): string {
  return under === undefined ? path : join(paths.get(under) ?? "", path.slice(under.length));
}
