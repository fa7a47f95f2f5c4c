import { describe, expect, test } from "vitest";
import { round } from "./demand.fixture.ts";
import { isYounger, judgeRound, usableIntervals } from "./round.ts";

describe("a round that comes late or again is dropped (H10)", () => {
  test.each([
    [{ term: 1, round: 5 }, undefined, true],
    [{ term: 1, round: 6 }, { term: 1, round: 5 }, true],
    [{ term: 1, round: 5 }, { term: 1, round: 5 }, false],
    [{ term: 1, round: 4 }, { term: 1, round: 5 }, false],
    [{ term: 2, round: 1 }, { term: 1, round: 99 }, true],
    [{ term: 1, round: 99 }, { term: 2, round: 1 }, false],
  ])("%o after %o: %s", (next, known, expected) => {
    expect(isYounger(next, known)).toBe(expected);
  });

  test("a poller that was paused over its successor's rounds changes nothing, in whatever order they arrive", () => {
    const told = [
      { term: 1, round: 1 },
      { term: 2, round: 1 },
      { term: 1, round: 2 },
      { term: 2, round: 2 },
      { term: 1, round: 3 },
    ];
    let known: (typeof told)[number] | undefined;
    const used = told.filter((next) => {
      const younger = isYounger(next, known);
      if (younger) known = next;
      return younger;
    });
    expect(used.map(({ term, round: number }) => `${term}.${number}`)).toEqual(["1.1", "2.1", "2.2"]);
  });
});

describe("launching from a round", () => {
  const intervalMs = 2000;
  const at = (ageMs: number) => ({ publishedAt: 1_000_000, now: 1_000_000 + ageMs, intervalMs });

  test("is allowed up to three intervals after it was published, and not past them (H11)", () => {
    expect(judgeRound(round(1, []), at(usableIntervals * intervalMs))).toEqual({ usable: true });
    const late = judgeRound(round(1, []), at(usableIntervals * intervalMs + 1));
    expect(late).toEqual({ usable: false, reason: "the newest round of jenkins-queue is 6 s old" });
    expect(judgeRound(round(1, []), at(12 * 3_600_000)).usable).toBe(false);
  });

  test("is refused where the source did not answer: that is never 'nothing waits'", () => {
    const silent = { ...round(1, []), state: "unknown" as const };
    expect(judgeRound(silent, at(0))).toEqual({ usable: false, reason: "jenkins-queue does not answer" });
    const problem = { code: "master-refused", message: "The master refused us." };
    expect(judgeRound({ ...silent, problem }, at(0))).toEqual({ usable: false, reason: "The master refused us." });
  });

  test("is refused while the master is about to shut down (H17)", () => {
    expect(judgeRound({ ...round(1, []), quietingDown: true }, at(0)).usable).toBe(false);
  });

  test("is refused where the queue was read before the computers: a slave could be missed by both (H14)", () => {
    expect(judgeRound({ ...round(1, []), readAt: 500, queueReadAt: 499 }, at(0)).usable).toBe(false);
    expect(judgeRound({ ...round(1, []), readAt: 500, queueReadAt: 500 }, at(0)).usable).toBe(true);
  });
});
