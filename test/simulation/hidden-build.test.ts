import { describe, expect, test } from "vitest";
import { liveHidden } from "./hidden-build.ts";

describe("a pipeline's block begins while nobody watches, and its master is started anew before anybody does", () => {
  test.each(["its launch", "a build"] as const)("after %s: it goes on, and nothing is left", async (after) => {
    for (let seed = 1; seed <= 25; seed += 1)
      expect({ seed, ...(await liveHidden({ seed, after })) }).toEqual({
        seed,
        isOver: true,
        result: "SUCCESS",
        wasHidden: true,
        killedBy: [],
      });
  });

  test("the control: where no slave can be put back online, it is lost", async () => {
    const results = new Set<string | null>();
    for (let seed = 1; seed <= 10; seed += 1)
      results.add((await liveHidden({ seed, after: "a build", keepsMarks: true })).result);
    expect(results).toContain("ABORTED");
  });
});
