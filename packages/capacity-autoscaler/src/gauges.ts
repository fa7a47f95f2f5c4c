import type { PoolStanding } from "@kubestack/contracts";
import type { Meter } from "@kubestack/metrics";

/** Has the pools' gauges read at each scrape, by the process that decides; what is returned ends it. */
export function tellGauges(meter: Meter, standings: () => readonly PoolStanding[]): () => void {
  const ends = [
    meter.gauge("capacity_nodes", () =>
      standings()
        .filter(({ isKnown }) => isKnown)
        .flatMap(({ pool, ready, nodes, coming }) => [
          { labels: { pool, state: "ready" }, value: ready },
          { labels: { pool, state: "starting" }, value: nodes - ready },
          { labels: { pool, state: "coming" }, value: coming },
        ]),
    ),
    meter.gauge("capacity_pool_held", () =>
      standings().map(({ pool, hold }) => ({ labels: { pool }, value: hold === null ? 0 : 1 })),
    ),
    meter.gauge("capacity_price_per_hour", () =>
      standings()
        .filter(({ isKnown }) => isKnown)
        .map(({ pool, nodes, pricePerHour }) => ({ labels: { pool }, value: nodes * pricePerHour })),
    ),
    meter.gauge("capacity_used_ratio", () =>
      standings().flatMap(({ pool, used }) => (used === null ? [] : [{ labels: { pool }, value: used }])),
    ),
  ];
  return () => {
    for (const end of ends) end();
  };
}
