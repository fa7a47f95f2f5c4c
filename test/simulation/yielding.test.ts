import { describe, expect, test } from "vitest";
import { Site } from "./site.ts";

const templates = ["python", "java"].map((name) => ({ name, labels: [name] }));

/** A slave comes for a build that was cancelled; then another build wants the only place. How long does that one wait? */
async function waits(masters: readonly string[]): Promise<number> {
  const site = new Site({ seed: 1, templates, masters, maxSlaves: 1, podStartMs: [300, 500] });
  const first = site.masters.get(masters[0] ?? "")?.core;
  const last = site.masters.get(masters.at(-1) ?? "")?.core;
  if (first === undefined || last === undefined) throw new RangeError("There is no master.");
  try {
    await site.start();
    first.createJob({ name: "python", label: "python", durationMs: [1_000, 1_000] });
    last.createJob({ name: "java", label: "java", durationMs: [1_000, 1_000] });
    const id = first.build("python");
    await site.time.run(20_000, () => site.cluster.pods.size > 0);
    first.cancel(id);
    last.build("java");
    await site.time.run(60_000, () => last.works().some(({ job, endedAtMs }) => job === "java" && endedAtMs !== null));
    const [java] = last.works().filter(({ job }) => job === "java");
    return (java?.startedAtMs ?? Number.POSITIVE_INFINITY) - (java?.queuedAtMs ?? 0);
  } finally {
    site.end();
  }
}

describe("a slave that no build needs yields without its grace of 30 s to one that waits for its cap (H34)", () => {
  test.each<[string, string[]]>([
    ["of the same master", ["m"]],
    ["of another master", ["a", "b"]],
  ])("%s", async (_, masters) => {
    expect(await waits(masters)).toBeLessThan(20_000);
  });
});
