import { hasCode, KubestackError } from "@kubestack/contracts";
import type { Target, TargetKind } from "../target.ts";
import { headroomLabels, placeholders } from "./placeholder.ts";

/** So many pods are made or removed at a time. */
const atOnce = 20;

/**
 * Pods that hold places for slaves to come: the cluster's own autoscaler brings up nodes for them, and each slave takes the place of one,
 * since its priority is higher. Their number is the size.
 */
export const headroom: TargetKind<"headroom"> = {
  type: "headroom",
  connect(config, { cluster, namespace, install, pool }): Target {
    const of = { install, pool, config };
    const selector = Object.entries(headroomLabels(of))
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
    const present = async () => {
      const pods = await cluster.listPods(namespace, selector);
      return pods.flatMap(({ metadata, status }) =>
        metadata?.name === undefined || metadata.deletionTimestamp !== undefined
          ? []
          : [{ name: metadata.name, isOver: status?.phase === "Failed" || status?.phase === "Succeeded" }],
      );
    };
    return {
      canRemoveByName: false,
      status: async () => {
        const pods = await present();
        const wanted = pods.filter(({ isOver }) => !isOver).length;
        return { wanted, nodes: null, least: null, most: config.maxPods, owner: null };
      },
      scaleTo: async ({ pods }) => {
        const wanted = placeholders(pods, of, config.maxPods);
        const there = await present();
        const isThere = new Set(there.filter(({ isOver }) => !isOver).map(({ name }) => name));
        const leaving = there.filter(({ name, isOver }) => isOver || !wanted.has(name)).map(({ name }) => name);
        const missing = [...wanted].filter(([name]) => !isThere.has(name));
        await each(leaving, (name) => cluster.deletePod(namespace, name, { graceSeconds: 0 }));
        await each(missing, async ([, pod]) => {
          // The name says which it is: one of an earlier try is as good.
          await cluster.createPod(namespace, pod).catch((error: unknown) => {
            if (!hasCode(error, "already-exists")) throw error;
          });
        });
      },
      remove: async () => {
        throw new KubestackError(
          "target-refused",
          `Pool ${pool.name} has no nodes of its own: the cluster's autoscaler removes them.`,
        );
      },
      close: async () => undefined,
    };
  },
};

async function each<T>(list: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < list.length; at += atOnce) await Promise.all(list.slice(at, at + atOnce).map(act));
}
