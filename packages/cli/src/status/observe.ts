import { type Bus, readKept } from "@kubestack/bus";
import { type Observation, observationOf } from "@kubestack/explain";

/** Asks every process of every service and reads what is kept; a service that does not answer is part of what is seen. */
export async function observe(bus: Bus): Promise<Observation> {
  let unreadable = 0;
  const [kept, slaves] = await Promise.all([
    readKept(bus),
    bus.slaves.list(undefined, () => {
      unreadable += 1;
    }),
  ]);
  const records = slaves.map(({ value }) => value);
  return observationOf({ ...kept, slaves: records, unreadable: kept.unreadable + unreadable });
}
