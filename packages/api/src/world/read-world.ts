import { type Bus, readKept } from "@kubestack/bus";
import { hasCode, KubestackError, sentenceOf } from "@kubestack/contracts";
import { type Observation, observationOf } from "@kubestack/explain";
import type { KnownSlaves } from "./known-slaves.ts";

/** What the world is read from. */
export type WorldBus = Pick<Bus, "requestAll" | "history" | "leases" | "masters">;

/** Asks every process of every service, and reads what is kept. `bus-unavailable` where NATS does not say: never an empty world. */
export async function readWorld(bus: WorldBus, slaves: Pick<KnownSlaves, "all">): Promise<Observation> {
  try {
    const [kept, known] = await Promise.all([readKept(bus), slaves.all()]);
    return observationOf({ ...kept, slaves: known.records, unreadable: kept.unreadable + known.unreadable });
  } catch (error) {
    if (hasCode(error, "bus-unavailable")) throw error;
    throw new KubestackError("bus-unavailable", `NATS does not say what there is: ${sentenceOf(error)}; ask again.`, {
      cause: error,
    });
  }
}
