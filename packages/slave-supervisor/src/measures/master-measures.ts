import { outcomeSchema, type SlaveRecord } from "@kubestack/contracts";
import type { Meter } from "@kubestack/metrics";
import type { MasterScope } from "../master-scope.ts";
import { EndedBuilds } from "./ended-builds.ts";
import { type LaunchStanding, tellGauges, watchDuplicatePods } from "./master-gauges.ts";
import { newsOf } from "./record-news.ts";

/** What must never be doubled: see the measure's own words. */
export const duplicateKinds = ["pod", "item"] as const;
export type DuplicateKind = (typeof duplicateKinds)[number];

/** Counts what one master's supervisor does. */
export class MasterMeasures {
  readonly #meter: Meter;
  readonly #master: string;
  readonly #builds = new EndedBuilds();

  /** Shows the counts that somebody may wait for from the first scrape on. */
  constructor(meter: Meter, master: string, templates: readonly string[]) {
    this.#meter = meter;
    this.#master = master;
    for (const kind of duplicateKinds) meter.add("duplicate_launches_total", { master, kind }, 0);
    for (const name of ["takeovers_total", "late_events_total"] as const) meter.add(name, { master }, 0);
    for (const template of templates) {
      for (const name of ["launches_total", "relaunches_total", "builds_total", "shared_slave_builds_total"] as const)
        meter.add(name, { master, template }, 0);
      for (const outcome of outcomeSchema.options) meter.add("launch_outcomes_total", { master, template, outcome }, 0);
    }
  }

  /** Looks at the supervisor itself from now on. Returns what ends it. */
  watch(supervisor: MasterScope, standing: LaunchStanding): () => void {
    const ends = [
      tellGauges(this.#meter, supervisor, standing),
      watchDuplicatePods(supervisor, (count) => this.duplicated("pod", count)),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  /** A slave that the ledger names has its record. */
  launched({ template }: Pick<SlaveRecord, "template">): void {
    this.#meter.add("launches_total", { master: this.#master, template });
  }

  /** A changed record is saved. */
  saved(before: SlaveRecord, after: SlaveRecord): void {
    const { template } = after;
    const of = { master: this.#master, template };
    const { reached, outcome, failure } = newsOf(before, after);
    const { builds, shared } = this.#builds.saved(before, after);
    for (const { state, afterMs } of reached)
      this.#meter.observe("item_to_state_seconds", { ...of, state }, afterMs / 1000);
    if (outcome !== undefined) this.#meter.add("launch_outcomes_total", { ...of, outcome });
    const { attempt } = after.life;
    if (attempt > before.life.attempt) this.#meter.add("relaunches_total", of, attempt - before.life.attempt);
    if (failure !== undefined) this.#meter.add("slave_failures_total", { master: this.#master, class: failure });
    if (builds > 0) this.#meter.add("builds_total", of, builds);
    if (shared > 0) this.#meter.add("shared_slave_builds_total", of, shared);
  }

  /** An event changed nothing. */
  late(): void {
    this.#meter.add("late_events_total", { master: this.#master });
  }

  /** The master was taken over, so long after its last owner's last sign, if that is known. */
  tookOver(lastSignMs: number | undefined): void {
    const master = this.#master;
    this.#meter.add("takeovers_total", { master });
    if (lastSignMs !== undefined) this.#meter.observe("takeover_duration_seconds", { master }, lastSignMs / 1000);
  }

  /** What is known was compared with what is there. */
  resynced(tookMs: number): void {
    this.#meter.observe("resync_duration_seconds", { master: this.#master }, tookMs / 1000);
  }

  duplicated(kind: DuplicateKind, count: number): void {
    if (count > 0) this.#meter.add("duplicate_launches_total", { master: this.#master, kind }, count);
  }
}
