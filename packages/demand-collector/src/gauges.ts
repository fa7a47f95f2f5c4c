import type { MasterStatus } from "@kubestack/contracts";
import type { Meter } from "@kubestack/metrics";

/** Has told at each scrape how the masters stand that this process reads. Returns what ends it. */
export function tellGauges(meter: Meter, collectors: Iterable<{ status(): MasterStatus }>): () => void {
  const read = () => [...collectors].map((collector) => collector.status()).filter(({ state }) => state !== "waiting");
  const ends = [
    meter.gauge("master_up", () =>
      read().flatMap(({ master, state }) =>
        // Not read yet is neither.
        state === "starting" ? [] : [{ labels: { master }, value: state === "ok" ? 1 : 0 }],
      ),
    ),
    meter.gauge("waiting_items", () =>
      read().flatMap(({ master, waiting }) => (waiting === null ? [] : [{ labels: { master }, value: waiting }])),
    ),
  ];
  return () => {
    for (const end of ends) end();
  };
}
