import { expect, test } from "vitest";
import { LookPace } from "./look-pace.ts";

test.each<[string, (pace: LookPace) => void, { asked: number; plain: number }]>([
  ["before anything was read", () => undefined, { asked: 0, plain: 0 }],
  ["after a round: at once, if it was asked for", (pace) => pace.afterRound(1000), { asked: 0, plain: 1250 }],
  ["after a quick look", (pace) => pace.afterLook({ began: 1000, over: 1004, nodes: 9 }), { asked: 1050, plain: 1250 }],
  [
    "after one of 30 ms: a fifth of the master's time",
    (pace) => pace.afterLook({ began: 1000, over: 1030, nodes: 9 }),
    { asked: 1150, plain: 1250 },
  ],
  [
    "after one that is slow for a small fleet: half of the master's time",
    (pace) => pace.afterLook({ began: 1000, over: 1200, nodes: 100 }),
    { asked: 1400, plain: 1400 },
  ],
  [
    "after a slow one at many nodes, asked for or not: a fifth",
    (pace) => pace.afterLook({ began: 1000, over: 1300, nodes: 101 }),
    { asked: 2500, plain: 2500 },
  ],
  ["after one that failed: not before the next round", (pace) => pace.afterFailure(3000), { asked: 3000, plain: 3000 }],
])("the next look may begin: %s", (_, happens, expected) => {
  const pace = new LookPace();
  happens(pace);
  expect({ asked: pace.next(true), plain: pace.next(false) }).toEqual(expected);
});
