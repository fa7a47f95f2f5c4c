import { describe, expect, test } from "vitest";
import { allowanceOf } from "./brake.ts";

const now = 10_000_000;
const births = (count: number, ago: number) => Array.from({ length: count }, () => now - ago);

describe("the brake", () => {
  test.each<[string, number[], { launched: number; lost: number }, number]>([
    ["nothing was launched", [], { launched: 0, lost: 0 }, 10],
    ["some were this minute", births(4, 59_999), { launched: 4, lost: 0 }, 6],
    ["they are a minute old", births(4, 60_000), { launched: 4, lost: 0 }, 10],
    ["the minute's are used up", births(12, 1), { launched: 12, lost: 0 }, 0],
    ["twenty were lost, of few", [], { launched: 20, lost: 20 }, 10],
    ["one more was lost", [], { launched: 21, lost: 21 }, 0],
    ["a fifth of many was lost", [], { launched: 1000, lost: 200 }, 10],
    ["more than a fifth of many was lost", [], { launched: 1000, lost: 201 }, 0],
  ])("where %s", (_, of, lastHour, launches) => {
    expect(allowanceOf({ births: of, launchesPerMinute: 10, lastHour, now }).launches).toBe(launches);
  });

  test("says why, and what to look at", () => {
    const stopped = allowanceOf({ births: [], launchesPerMinute: 10, lastHour: { launched: 30, lost: 25 }, now });
    expect(stopped.reason).toBe(
      "launching has stopped: 25 of the last hour's 30 launches ran no build, more than 20; kubestackcmd events shows why they ended",
    );
    const used = allowanceOf({
      births: births(10, 1),
      launchesPerMinute: 10,
      lastHour: { launched: 10, lost: 0 },
      now,
    });
    expect(used.reason).toBe("this minute's 10 launches are used up (limits.launchesPerMinute)");
  });
});
