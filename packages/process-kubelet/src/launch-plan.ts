import { containerEnv, type FindValues } from "./container-env.ts";
import type { ContainerPaths, PodFolders } from "./container-paths.ts";
import { nicenessOf } from "./cpu-weight.ts";
import { expandReferences } from "./expansion.ts";
import type { ImageEntry } from "./image-table.ts";
import { pathRewriter } from "./mount-paths.ts";
import type { Container, Pod } from "./pod.ts";
import type { NodeAddress } from "./pod-fields.ts";

/** The search path of an image that names none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A process to start. */
export interface LaunchPlan {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  /** How far it stands back for what else runs on the machine, 0 to 19. */
  readonly niceness: number;
}

/** A process to start; or the waiting reason and message of a container that cannot be created (now). */
export type LaunchResult =
  | { readonly ok: true; readonly plan: LaunchPlan }
  | { readonly ok: false; readonly reason: string; readonly message: string };

/**
 * What a container runs: its `command` over the image's entrypoint, its `args` over the image's cmd, as Kubernetes defines
 * it. Mount paths are replaced in all that the pod spells out; the image's own entrypoint, cmd and env are taken as they are.
 */
export function launchPlan(
  pod: Pod,
  container: Container,
  given: {
    entry: ImageEntry;
    paths: ContainerPaths;
    folders: PodFolders;
    find: FindValues;
    address: NodeAddress;
  },
): LaunchResult {
  const rewrite = pathRewriter(given.paths.paths);
  const asked = containerEnv(pod, container, { find: given.find, address: given.address, rewrite });
  if (!asked.ok) return { ok: false, reason: "CreateContainerConfigError", message: asked.message };
  const spelled = (words: readonly string[] = []) =>
    words.map((word) => rewrite(expandReferences(word, (name) => asked.env[name])));
  const command = spelled(container.command);
  const args = spelled(container.args);
  const whole =
    command.length > 0
      ? [...command, ...args]
      : [...given.entry.entrypoint, ...(args.length > 0 ? args : (given.entry.cmd ?? []))];
  const [first, ...rest] = whole;
  if (first === undefined) return { ok: false, reason: "CreateContainerError", message: "no command specified" };
  const env = {
    PATH: DEFAULT_PATH,
    HOSTNAME: pod.metadata.name,
    HOME: given.folders.container(container.name),
    TMPDIR: given.folders.tmp,
    ...given.entry.env,
    ...asked.env,
  };
  const { workingDir } = given.paths;
  return { ok: true, plan: { argv: [first, ...rest], env, workingDir, niceness: nicenessOf(container) } };
}
