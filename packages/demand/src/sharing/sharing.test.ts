import { describe, expect, test } from "vitest";
import { chance, shareOut } from "./sharing.fixture.ts";

const builds = 10_000;
const cap = 50;
const seeds = [1, 2, 3, 4, 5];

/** The part that the first has of all slaves. */
function partOf(name: string, outcome: ReturnType<typeof shareOut>): number {
  const all = [...outcome.values()].reduce((sum, { slaveMoments }) => sum + slaveMoments, 0);
  return (outcome.get(name)?.slaveMoments ?? 0) / all;
}

describe("masters that share a cap for 10,000 builds", () => {
  test.each(seeds)(
    "of ten times the load and equal weights have shares within a twentieth of fair (seed %i)",
    (seed) => {
      const masters = [
        { name: "a", weight: 1, load: 60 },
        { name: "b", weight: 1, load: 6 },
      ];
      const outcome = shareOut(masters, { cap, builds, random: chance(seed) });
      expect(Math.abs(partOf("a", outcome) - 0.5)).toBeLessThan(0.025);
      expect(Math.abs((outcome.get("a")?.built ?? 0) - builds / 2)).toBeLessThan(0.05 * (builds / 2));
    },
  );

  test.each([
    [3, 0.75],
    [9, 0.9],
  ])("of weights %i to 1 have shares within a twentieth of that", (weight, part) => {
    const masters = [
      { name: "a", weight, load: 60 },
      { name: "b", weight: 1, load: 6 },
    ];
    const outcome = shareOut(masters, { cap, builds, random: chance(7) });
    expect(Math.abs(partOf("a", outcome) - part)).toBeLessThan(0.05 * part);
  });

  test("one that wants less than its share hardly waits, and the other has all the rest", () => {
    const masters = [
      { name: "a", weight: 1, load: 60 },
      { name: "b", weight: 1, load: 1 },
    ];
    const outcome = shareOut(masters, { cap, builds, random: chance(3) });
    expect(outcome.get("b")?.longestWait).toBeLessThanOrEqual(2);
    const { slaveMoments = 0 } = outcome.get("b") ?? {};
    const all = (outcome.get("a")?.slaveMoments ?? 0) + slaveMoments;
    // A build takes 10.5 moments on average, so its load of 1 is 10.5 slaves of 50.
    expect(Math.abs(slaveMoments / all - 10.5 / cap)).toBeLessThan(0.02);
  });

  test("one alone has everything", () => {
    const outcome = shareOut(
      [
        { name: "a", weight: 1, load: 60 },
        { name: "b", weight: 5, load: 0 },
      ],
      {
        cap,
        builds,
        random: chance(4),
      },
    );
    expect(partOf("a", outcome)).toBe(1);
    const moments = Math.ceil((builds * 10.5) / cap);
    expect(outcome.get("a")?.slaveMoments).toBeGreaterThan(moments * cap * 0.95);
  });

  test("one that dies while it wants much starves nobody", () => {
    const masters = [
      { name: "a", weight: 1, load: 60 },
      { name: "b", weight: 100, load: 60, diesAt: 50 },
    ];
    const outcome = shareOut(masters, { cap, builds, random: chance(5) });
    // It had nearly all while it lived; after that the other has all.
    expect(outcome.get("a")?.built).toBeGreaterThan(builds * 0.95 - (50 * cap) / 10);
  });

  test("two under a cap of one take turns", () => {
    const masters = [
      { name: "a", weight: 1, load: 1 },
      { name: "b", weight: 1, load: 1 },
    ];
    const outcome = shareOut(masters, { cap: 1, builds: 1000, random: chance(6) });
    expect(Math.abs((outcome.get("a")?.built ?? 0) - 500)).toBeLessThanOrEqual(1);
  });
});
