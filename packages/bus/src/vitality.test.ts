import { describe, expect, test } from "vitest";
import { type Sign, Vitality } from "./vitality.ts";

function vitality(...signs: Sign[]) {
  let now = 0;
  let asked = 0;
  const subject = new Vitality({
    monotonic: () => now,
    ask: async () => {
      asked += 1;
      return signs.shift() ?? "answers";
    },
  });
  return {
    at: (time: number) => {
      now = time;
      return subject.isDead("p");
    },
    asked: () => asked,
    reconnected: () => subject.reconnected(),
  };
}

describe("a process is dead", () => {
  test.each<[string, Sign[], [at: number, dead: boolean][]]>([
    [
      "when nobody answers twice, a second apart",
      ["nobody", "nobody"],
      [
        [0, false],
        [1000, true],
      ],
    ],
    [
      "not when nobody answers twice within a second: a reconnect",
      ["nobody", "nobody"],
      [
        [0, false],
        [900, false],
      ],
    ],
    [
      "not when it answers in between",
      ["nobody", "answers", "nobody"],
      [
        [0, false],
        [1000, false],
        [2000, false],
      ],
    ],
    [
      "not while it is silent: slow, or paused",
      ["silent", "silent", "silent"],
      [
        [0, false],
        [1000, false],
        [5000, false],
      ],
    ],
    [
      "and stays so",
      ["nobody", "nobody", "nobody"],
      [
        [0, false],
        [1000, true],
        [2000, true],
      ],
    ],
  ])("%s", async (_, signs, steps) => {
    const process = vitality(...signs);
    for (const [at, dead] of steps) expect(await process.at(at)).toBe(dead);
  });
});

test("who asks at the same time is told the same: one question for any number of leases", async () => {
  const process = vitality("nobody", "nobody");
  const answers = await Promise.all([process.at(0), process.at(0), process.at(400)]);
  expect(answers).toEqual([false, false, false]);
  expect(process.asked()).toBe(1);
  expect(await process.at(1000)).toBe(true);
  expect(process.asked()).toBe(2);
});

test("nobody is dead for three seconds after an interruption: whoever is not there may be on its way back", async () => {
  const process = vitality("nobody", "nobody", "nobody", "nobody", "nobody");
  expect(await process.at(0)).toBe(false);
  process.reconnected();
  for (const [at, isDead] of [
    [1000, false],
    [2999, false],
    [4000, false],
    [5000, true],
  ] as const)
    expect(await process.at(at)).toBe(isDead);
});
