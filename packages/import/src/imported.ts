import type { JsonMap } from "@kubestack/templates";
import type { EntryComment } from "./entry/pod-entry.ts";
import type { ImportReport } from "./report/report.ts";

/** What an import comes to. */
export interface Imported {
  /** Our configuration, or the part of it that could be made. */
  readonly form: JsonMap;
  /** Remarks before keys of it. */
  readonly comments: readonly EntryComment[];
  readonly report: ImportReport;
}
