import { type Json, type JsonMap, mapOf, mapsIn } from "./merge/json.ts";
import { usualWorkDir } from "./pod-layers.ts";

/** The kinds of volumes that are made for one pod, and go with it. */
const ofOnePod = ["emptyDir", "ephemeral", "configMap", "secret", "downwardAPI", "projected", "image", "gitRepo"];

/** What is known of the template whose pods may follow each other. */
export interface Relaunched {
  readonly pod: JsonMap;
  readonly agentContainer: string;
  readonly workDir: string;
}

/** What makes it vain that another pod follows a lost one, in sentences: a build that goes on there finds nothing of its work. */
export function relaunchFaults(relaunch: number, { pod, agentContainer, workDir }: Relaunched): readonly string[] {
  const { containers, volumes } = mapOf(pod.spec);
  const agent = mapsIn(containers).find(({ name }) => name === agentContainer);
  if (relaunch === 0 || agent === undefined) return [];
  const workspaces = folder(`${workDir === "." ? usualWorkDir : workDir}/workspace`);
  const lasting = new Set(mapsIn(volumes).flatMap((volume) => (isOfOnePod(volume) ? [] : [volume.name])));
  const mounts = mapsIn(agent.volumeMounts).map(({ name, mountPath }) => ({ at: folder(mountPath), name }));
  // What is mounted lowest holds the folder.
  const [over] = mounts.filter(({ at }) => workspaces.startsWith(at)).sort((a, b) => b.at.length - a.at.length);
  const within = mounts.filter(({ at }) => at !== workspaces && at.startsWith(workspaces));
  if ([over, ...within].some((mount) => mount !== undefined && lasting.has(mount.name))) return [];
  return [
    `lets another pod follow a lost one, but nothing that outlives a pod is mounted at ${workspaces.slice(0, -1)} of container ${agentContainer} (ephemeral, perBuild and emptyDir go with their pod); mount a claim there, or leave relaunch out`,
  ];
}

function isOfOnePod(volume: JsonMap): boolean {
  return ofOnePod.some((kind) => volume[kind] !== undefined);
}

/** A path that ends in a slash, so that one begins with another only where it lies below it. */
function folder(path: Json | undefined): string {
  return `/${typeof path === "string" ? path : ""}/`.replace(/\/+/g, "/");
}
