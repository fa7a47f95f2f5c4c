import { homedir } from "node:os";
import { join } from "node:path";

/** What the real parts take from the environment, read in this one file. */
export interface PartsEnvironment {
  /** Folder of everything built: `KUBESTACK_CACHE`, else `kubestack` under `XDG_CACHE_HOME`, else under `~/.cache`. */
  readonly cacheDir: string;
  /** Folders in which programs are looked for, in order. */
  readonly path: readonly string[];
  /** `KUBEBUILDER_ASSETS`: a folder with a ready-made etcd and kube-apiserver. */
  readonly kubebuilderAssets: string | undefined;
  /** `JAVA_HOME`. */
  readonly javaHome: string | undefined;
  /** Everything, for build tools that need proxies, certificates and their own caches. */
  readonly all: Readonly<Record<string, string>>;
  /** The little that a started server is given: no secret of the caller reaches it. */
  readonly bare: Readonly<Record<string, string>>;
}

const BARE = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "USER"];

/** Reads `env` (the process's own unless another is given); an empty value counts as absent. */
// biome-ignore lint/style/noProcessEnv: the one place where the real parts read the environment; callers may pass their own.
export function partsEnvironment(env: NodeJS.ProcessEnv = process.env): PartsEnvironment {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && value !== "") all[name] = value;
  const home = all.HOME ?? homedir();
  return {
    cacheDir: all.KUBESTACK_CACHE ?? join(all.XDG_CACHE_HOME ?? join(home, ".cache"), "kubestack"),
    path: (all.PATH ?? "").split(":").filter((folder) => folder !== ""),
    kubebuilderAssets: all.KUBEBUILDER_ASSETS,
    javaHome: all.JAVA_HOME,
    all,
    bare: Object.fromEntries(BARE.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]))),
  };
}
