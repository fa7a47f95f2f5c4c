import type { Bus } from "@kubestack/bus";
import { type Amounts, hasCode, keys } from "@kubestack/contracts";
import { largerOf, sumOf } from "@kubestack/demand";
import type { ObjectSource, PodObservation } from "@kubestack/kubernetes";
import { identityIn } from "@kubestack/templates";
import { retainedUntil } from "../retained-pods/marks.ts";
import type { Costing } from "./costs.ts";

/**
 * What a master has of which no line tells: what its ledger names, or what its pods show, whichever is more. After a loss of
 * the store its ledger may not name yet what its pods tell of.
 */
export async function usedBy(
  master: string,
  of: {
    readonly bus: Pick<Bus, "ledger">;
    readonly install: string;
    readonly pods: Pick<ObjectSource<PodObservation>, "all">;
    readonly costOf: (slave: Costing) => Amounts;
  },
): Promise<Amounts> {
  const { bus, install, pods, costOf } = of;
  const ledger = await bus.ledger.get(keys.ledger(master)).catch((error: unknown) => {
    // One that nobody can read names nothing; its pods are there all the same.
    if (hasCode(error, "invalid-message")) return undefined;
    throw error;
  });
  const shown = pods.all().flatMap((pod) => {
    const identity = identityIn(pod, { install, master });
    return identity === undefined || retainedUntil(pod.annotations) !== undefined ? [] : [costOf(identity)];
  });
  return largerOf(sumOf((ledger?.value.live ?? []).map(costOf)), sumOf(shown));
}
