/** Characters that make a slash part of a longer word: `http://host/data` and `$(pwd)/data` do not name the folder /data. */
const PATH_BEFORE = /[A-Za-z0-9_.\-/})~*?]/;
const PATH_AFTER = /[A-Za-z0-9_.-]/;

/** One folder or file as a container would see it, and where it really is. */
export interface MountedPath {
  readonly containerPath: string;
  readonly hostPath: string;
}

/** A mount path without its trailing slashes; the root stays a slash. */
export function normalisedPath(path: string): string {
  return path.replace(/\/{2,}/g, "/").replace(/(.)\/$/, "$1");
}

/**
 * A function that replaces every mount path in a text by its real folder. The longest mount path wins, a path is replaced
 * only where it begins and ends as one (`/data` never inside `/data2` or `x/data`), and what was put in is not looked at again.
 */
export function pathRewriter(mounts: readonly MountedPath[]): (text: string) => string {
  const table = mounts
    .map((mount) => ({ ...mount, containerPath: normalisedPath(mount.containerPath) }))
    .filter((mount) => mount.containerPath.startsWith("/") && mount.containerPath !== "/")
    .sort((left, right) => right.containerPath.length - left.containerPath.length);
  if (table.length === 0) return (text) => text;
  return (text) => {
    let rewritten = "";
    let at = 0;
    while (at < text.length) {
      const found = table.find((mount) => startsHere(text, at, mount.containerPath));
      if (found === undefined) {
        rewritten += text[at];
        at += 1;
      } else {
        rewritten += found.hostPath;
        at += found.containerPath.length;
      }
    }
    return rewritten;
  };
}

function startsHere(text: string, at: number, path: string): boolean {
  if (!text.startsWith(path, at)) return false;
  if (at > 0 && PATH_BEFORE.test(text[at - 1] ?? "")) return false;
  return !PATH_AFTER.test(text[at + path.length] ?? "");
}
