import { describe, expect, test } from "vitest";
import { patienceMs, type Remains, removalOf } from "./removing.ts";

describe("a master that is out of the configuration", () => {
  test.each<[string, Partial<Remains>, boolean, RegExp]>([
    ["with slaves", { living: 2 }, false, /its 2 slaves are gone/],
    ["with one slave", { living: 1 }, false, /its last slave is gone/],
    ["with slaves, for a day", { living: 1, anchors: "unknown", forMs: patienceMs }, false, /last slave/],
    ["empty", {}, true, /nothing of ours is left/],
    ["empty, with anchors", { anchors: "there" }, false, /anchor nodes are removed/],
    ["empty, and it does not answer", { anchors: "unknown" }, false, /does not answer/],
    ["empty, and it has not answered for a day", { anchors: "unknown", forMs: patienceMs }, true, /may be left there/],
    ["empty, with pods that were kept", { retained: 2, forMs: patienceMs }, false, /pods that were kept are gone/],
    ["given up, with slaves", { living: 1, isForgotten: true }, false, /last slave/],
    ["given up, and empty", { anchors: "unknown", isForgotten: true }, true, /given up: nodes of ours may be left/],
  ])("%s", (_, changed, isOver, why) => {
    const told = removalOf({ living: 0, retained: 0, anchors: "gone", isForgotten: false, forMs: 0, ...changed });
    expect(told.isOver).toBe(isOver);
    expect(told.why).toMatch(why);
  });
});
