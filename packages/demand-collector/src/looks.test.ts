import type { Computer } from "@kubestack/contracts";
import { slaveName } from "@kubestack/slave";
import { describe, expect, test } from "vitest";
import { LookList, lookForMs } from "./looks.ts";

const one = slaveName({ master: "m", epoch: "abcd", number: 1 });
const two = slaveName({ master: "m", epoch: "abcd", number: 2 });

function computer(name: string, changed: Partial<Computer> = {}): Computer {
  return { name, online: true, markedOffline: false, idle: true, executors: 1, labels: null, builds: [], ...changed };
}

const running: Partial<Computer> = { idle: false, builds: [{ url: "job/a/1/", number: 1 }] };

describe("looks are wanted", () => {
  const wanted = (looks: LookList, now: number): string[] => [...looks.wanted(now)].sort();

  test("for agents of ours that are online and idle, and for no others", () => {
    const looks = new LookList("m");
    looks.saw(
      [
        computer(one),
        computer(two, { online: false, markedOffline: true }),
        computer("built-in"),
        computer(slaveName({ master: "other", epoch: "abcd", number: 1 })),
        computer(slaveName({ master: "m", epoch: "abcd", number: 3 }), running),
      ],
      0,
    );
    expect(wanted(looks, 0)).toEqual([one]);
  });

  test("until the agent is seen busy, and then no more, though it is idle again", () => {
    const looks = new LookList("m");
    looks.saw([computer(one)], 0);
    looks.saw([computer(one, running)], 500);
    expect(wanted(looks, 500)).toEqual([]);
    looks.saw([computer(one)], 1000);
    expect(wanted(looks, 1000)).toEqual([]);
  });

  test("while a build that was handed to the agent has not begun there: nobody has seen which one it is", () => {
    const looks = new LookList("m");
    looks.saw([computer(one, { idle: false }), computer(two)], 0);
    looks.saw([computer(one, { idle: false }), computer(two, { idle: false })], 250);
    expect(wanted(looks, 30_000)).toEqual([one, two]);
    expect(wanted(looks, 30_001)).toEqual([]);
    looks.saw([computer(one, running), computer(two, running)], 30_001);
    looks.saw([computer(one), computer(two)], 30_002);
    expect(wanted(looks, 30_002)).toEqual([]);
  });

  test("for an agent on its way too, and anew from when it comes online", () => {
    const looks = new LookList("m");
    looks.saw([computer(one, { online: false })], 0);
    expect(wanted(looks, 30_000)).toEqual([one]);
    expect(wanted(looks, 30_001)).toEqual([]);
    looks.saw([computer(one)], 40_000);
    expect(wanted(looks, 70_000)).toEqual([one]);
    expect(wanted(looks, 70_001)).toEqual([]);
  });

  test("for 30 seconds from when it was first seen idle", () => {
    const looks = new LookList("m");
    looks.saw([computer(one)], 1000);
    looks.saw([computer(one), computer(two)], 20_000);
    expect(lookForMs).toBe(30_000);
    expect(wanted(looks, 31_000)).toEqual([one, two]);
    expect(wanted(looks, 31_001)).toEqual([two]);
    looks.saw([computer(one), computer(two)], 32_000);
    expect(wanted(looks, 32_000)).toEqual([two]);
  });

  test("no more for an agent that is gone; its name is forgotten", () => {
    const looks = new LookList("m");
    looks.saw([computer(one), computer(two, running)], 0);
    looks.saw([], 1000);
    expect(wanted(looks, 1000)).toEqual([]);
    looks.saw([computer(one), computer(two)], 2000);
    expect(wanted(looks, 2000)).toEqual([one, two]);
  });
});

describe("a reading tells what is new", () => {
  test("of agents of ours, whether a look at them was wanted or not: one that has come, and one that has its first build", () => {
    const looks = new LookList("m");
    expect(looks.saw([computer(one, { online: false }), computer(two), computer("built-in")], 0)).toEqual([two]);
    expect(looks.saw([computer(one, { online: false }), computer(two), computer("built-in")], 40_000)).toEqual([]);
    expect([...looks.wanted(40_000)]).toEqual([]);
    expect(looks.saw([computer(one), computer(two, running), computer("built-in", running)], 40_250)).toEqual([
      one,
      two,
    ]);
    expect(looks.saw([computer(one), computer(two)], 40_500)).toEqual([]);
  });
});

test("a first build is news in each look until a round has told of it, since a look may be lost; then no more", () => {
  const looks = new LookList("m");
  looks.saw([computer(one)], 0, "round");
  expect([1, 2].map((at) => looks.saw([computer(one, running)], at))).toEqual([[one], [one]]);
  looks.saw([computer(one, running)], 3, "round");
  expect(looks.saw([computer(one, running)], 4)).toEqual([]);
  const over = new LookList("m");
  over.saw([computer(one, running)], 0);
  expect(over.saw([computer(one)], 1)).toEqual([]);
});

test("after a restart of the master all agents are on their way anew", () => {
  const looks = new LookList("m");
  looks.saw([computer(one, { online: false }), computer(two, running)], 0);
  looks.restarted();
  looks.saw([computer(one, { online: false }), computer(two, { online: false })], 60_000);
  expect([...looks.wanted(90_000)]).toEqual([one, two]);
});
