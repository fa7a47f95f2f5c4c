import type { Bus } from "@kubestack/bus";
import { channels, sentenceOf, subjects } from "@kubestack/contracts";
import { connectCluster, watchObjects } from "@kubestack/kubernetes";
import { agentsNamespace, masterName } from "../configuration-file.ts";
import type { World } from "../world.ts";

/** Counts that are kept while builds run, each from a source that the services do not write. */
export interface Counts {
  /** Distinct ones, ever. */
  podsCreated(): number;
  secretsCreated(): number;
  /** The longest time from the beginning of one round to the next, in milliseconds; null before there were two. */
  longestRoundMs(): number | null;
  stop(): Promise<void>;
}

/** Counts from now on. */
export async function startCounting(world: World, bus: Bus, onError: (sentence: string) => void): Promise<Counts> {
  const { url, adminToken, ca } = world.cluster;
  const cluster = connectCluster({ kind: "url", url, token: () => adminToken, caPem: ca });
  const created = (what: string) => {
    const uids = new Set<string>();
    const source = watchObjects({
      cluster,
      path: `/api/v1/namespaces/${agentsNamespace}/${what}`,
      project: ({ metadata }) => {
        uids.add(metadata.uid);
        return metadata.uid;
      },
      onError: (error) => onError(`Counting ${what}: ${sentenceOf(error)}`),
    });
    return { uids, source };
  };
  const pods = created("pods");
  const secrets = created("secrets");
  let lastReadAt: number | undefined;
  let longestMs: number | null = null;
  const unsubscribe = bus.subscribe(channels.demand, subjects.demand(masterName), ({ data }) => {
    const readAt = data.sources[0]?.readAt;
    if (readAt === undefined || readAt === lastReadAt) return;
    if (lastReadAt !== undefined) longestMs = Math.max(longestMs ?? 0, readAt - lastReadAt);
    lastReadAt = readAt;
  });
  await Promise.all([pods.source.synced, secrets.source.synced]);
  return {
    podsCreated: () => pods.uids.size,
    secretsCreated: () => secrets.uids.size,
    longestRoundMs: () => longestMs,
    stop: async () => {
      unsubscribe();
      await Promise.all([pods.source.stop(), secrets.source.stop()]);
      await cluster.close();
    },
  };
}
