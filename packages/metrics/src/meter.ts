import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type Measure,
  prefix,
} from "./measures/measure.ts";
import { measures } from "./measures/table.ts";

/** A gauge's value, and for whom. */
export interface Reading<N extends GaugeName> {
  readonly labels: LabelsOf<N>;
  readonly value: number;
}

/** What services tell their measures. */
export interface Meter {
  /** Counts; with 0 the count is shown from now on. Default 1. */
  add<N extends CounterName>(name: N, labels: LabelsOf<N>, count?: number): void;
  /** Takes in how long something took, in seconds. */
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, seconds: number): void;
  /** Has `read` asked at each scrape, until what is returned is called. */
  gauge<N extends GaugeName>(name: N, read: () => Iterable<Reading<N>>): () => void;
}

/** All that was told, for those who ask. */
export interface Exposition {
  readonly contentType: string;
  /** In the text form of Prometheus. */
  text(): Promise<string>;
}

type Readers = Set<() => Iterable<{ readonly labels: Readonly<Record<string, string>>; readonly value: number }>>;

/** How finely the delay of the event loop is measured, in milliseconds: each measurement wakes the process. */
const loopPrecisionMs = 50;

/**
 * A meter of its own registry. With `ofProcess` the process's own figures are told besides, under the names that programs
 * on Node usually have for them; they hold a monitor that is never ended.
 */
export function createMeter({ ofProcess = false }: { readonly ofProcess?: boolean } = {}): Meter & Exposition {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const readers = new Map<string, Readers>();
  for (const [name, measure] of Object.entries<Measure>(measures)) {
    const { help, labels, kind } = measure;
    const common = { name: `${prefix}${name}`, help, labelNames: [...labels], registers: [registry] };
    if (kind === "counter") counters.set(name, new Counter(common));
    else if (kind === "histogram")
      histograms.set(name, new Histogram({ ...common, buckets: [...(measure.buckets ?? [])] }));
    else readers.set(name, gaugeWithReaders(common));
  }
  if (ofProcess) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: loopPrecisionMs });
  return {
    add: (name, labels, count = 1) => counters.get(name)?.inc(labels, count),
    observe: (name, labels, seconds) => histograms.get(name)?.observe(labels, seconds),
    gauge: (name, read) => {
      readers.get(name)?.add(read);
      return () => void readers.get(name)?.delete(read);
    },
    contentType: registry.contentType,
    // The library has a spelling of its own for what is no number, such as the mean of nothing.
    text: async () => (await registry.metrics()).replace(/ Nan$/gm, " NaN"),
  };
}

function gaugeWithReaders(common: {
  name: string;
  help: string;
  labelNames: string[];
  registers: Registry[];
}): Readers {
  const readers: Readers = new Set();
  new Gauge({
    ...common,
    collect() {
      // What nobody tells any more is not there any more.
      this.reset();
      for (const read of readers) for (const { labels, value } of read()) this.set(labels, value);
    },
  });
  return readers;
}
