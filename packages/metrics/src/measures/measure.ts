import type { measures } from "./table.ts";

/** Stands before every name of the table. */
export const prefix = "kubestack_";

/** Which process tells a measure. */
export type Teller =
  | "every process"
  | "demand-collector"
  | "completion-collector"
  | "slave-supervisor"
  | "capacity-autoscaler"
  | "api";

/** One row of the table. */
export interface Measure {
  readonly kind: "counter" | "gauge" | "histogram";
  /** Meaning and unit, in one sentence or two. */
  readonly help: string;
  /** Each has few values, known from the configuration or from a closed list. */
  readonly labels: readonly string[];
  readonly from: Teller;
  /** Upper bounds, in the measure's unit; histograms only. */
  readonly buckets?: readonly number[];
}

type Table = typeof measures;
type NameOf<K extends Measure["kind"]> = { [N in keyof Table]: Table[N]["kind"] extends K ? N : never }[keyof Table];

export type CounterName = NameOf<"counter">;
export type GaugeName = NameOf<"gauge">;
export type HistogramName = NameOf<"histogram">;

/** A value for each label of a measure. */
export type LabelsOf<N extends keyof Table> = Readonly<Record<Table[N]["labels"][number], string>>;
