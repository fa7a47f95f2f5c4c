import { systemTiming } from "@kubestack/runtime";
import { agentsNamespace } from "../configuration-file.ts";
import type { World } from "../world.ts";

/** What KubeStack has on the cluster and on the master now, by name, in words for people. */
export async function leftovers({ cluster, master }: World): Promise<string[]> {
  const named = async (what: string): Promise<string[]> => {
    const { items } = (await cluster.json(`/api/v1/namespaces/${agentsNamespace}/${what}s`)) as {
      items: { metadata: { name: string } }[];
    };
    return items.map(({ metadata }) => `${what} ${metadata.name}`);
  };
  const nodes = async (): Promise<string[]> =>
    (await master.admin.nodes())
      .map(({ displayName }) => displayName)
      .filter((name) => name.startsWith("ks-"))
      .map((name) => `node ${name} of the master`);
  return (await Promise.all([named("pod"), named("secret"), nodes()])).flat();
}

const lookEveryMs = 200;

/** Asks again and again until nothing is left, at most `limitMs`; returns what is. */
export async function untilNothingIsLeft(
  ask: () => Promise<string[]>,
  limitMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const deadline = systemTiming.monotonic() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const left = await ask();
    if (left.length === 0 || systemTiming.monotonic() > deadline) return left;
    await systemTiming.sleep(lookEveryMs, signal);
  }
}
