/** How one check came out: all is well, people should know, or something can't work. */
export type Level = "ok" | "WARN" | "FAIL";

/** What is examined, as the second column names it. */
export type Area = "config" | "nats" | "cluster" | "pools" | "master" | "rights" | "labels" | "overlap";

/** What one check found. */
export interface Finding {
  readonly level: Level;
  readonly area: Area;
  readonly sentence: string;
  /** What to do, each on a line of its own; of one that is ok there is nothing to do. */
  readonly fix: readonly string[];
}

/** Makes the findings of one area. */
export function findingsOf(area: Area) {
  const make =
    (level: Level) =>
    (sentence: string, ...fix: string[]): Finding => ({ level, area, sentence, fix });
  return { ok: (sentence: string) => make("ok")(sentence), warn: make("WARN"), fail: make("FAIL") };
}

/** The closing line: `1 failed, 2 warnings`. */
export function countsOf(findings: readonly Finding[]): string {
  const failed = findings.filter(({ level }) => level === "FAIL").length;
  const warnings = findings.filter(({ level }) => level === "WARN").length;
  return `${failed} failed, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`;
}
