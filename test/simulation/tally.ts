import type { CounterName, Meter } from "@kubestack/metrics";

/** What all processes of a site counted, those that are dead included. */
export class Tally implements Meter {
  readonly #counts = new Map<string, number>();

  add: Meter["add"] = (name, labels, count = 1) => {
    for (const series of [name, `${name} ${Object.values(labels).join(" ")}`])
      this.#counts.set(series, (this.#counts.get(series) ?? 0) + count);
  };

  observe: Meter["observe"] = () => undefined;

  gauge: Meter["gauge"] = () => () => undefined;

  /** The sum of a counter, or of its one series with these values of labels. */
  sum(name: CounterName, ...labels: readonly string[]): number {
    return this.#counts.get([name, ...labels].join(" ")) ?? 0;
  }
}
