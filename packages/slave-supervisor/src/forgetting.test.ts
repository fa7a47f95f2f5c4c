import { hasCode } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { checkForgetting, givenUpReason, type ToForget } from "./forgetting.ts";

const noon = Date.UTC(2026, 2, 4, 12, 0, 7);
const forgotten = { by: "ann", at: noon, reason: "burnt down" };
const idle: ToForget = {
  master: "m",
  isListed: false,
  slaves: 0,
  busy: 0,
  isAnswering: false,
  isConfirmed: false,
  forgotten: undefined,
};

describe("a master may be forgotten", () => {
  test.each<[string, Partial<ToForget>]>([
    ["where nothing is left of it", {}],
    ["with slaves, where the person knows of them", { slaves: 2, isConfirmed: true }],
    ["with a build, where it does not answer", { slaves: 2, busy: 1, isConfirmed: true }],
    ["though it answers, where no build runs", { slaves: 2, isAnswering: true, isConfirmed: true }],
  ])("%s", (_, changed) => {
    expect(() => checkForgetting({ ...idle, ...changed })).not.toThrow();
  });

  test.each<[string, Partial<ToForget>, RegExp]>([
    [
      "while it is in the configuration",
      { isListed: true, isConfirmed: true },
      /^Master m is in the configuration: take /,
    ],
    ["with a slave, unasked", { slaves: 1 }, /^Master m has 1 slave left: .* say --yes if it is off for good\.$/],
    ["with slaves, unasked", { slaves: 3 }, /^Master m has 3 slaves left: /],
    [
      "with a build, while it answers",
      { slaves: 2, busy: 1, isAnswering: true, isConfirmed: true },
      /^Master m answers, and a slave runs a build there: /,
    ],
    ["with builds, while it answers", { slaves: 2, busy: 2, isAnswering: true }, /and 2 slaves run builds there: /],
    ["twice", { forgotten }, /^Master m is forgotten by ann since 2026-03-04 12:00:07 UTC \(burnt down\) already: /],
  ])("but not %s", (_, changed, sentence) => {
    let error: unknown;
    try {
      checkForgetting({ ...idle, ...changed });
    } catch (thrown) {
      error = thrown;
    }
    expect(hasCode(error, "already-exists") && error.message).toMatch(sentence);
  });
});

test("a slave's record tells who gave its node up", () => {
  expect(givenUpReason("m", { ...forgotten, reason: "" })).toBe(
    "its node at m is given up: that master is forgotten by ann since 2026-03-04 12:00:07 UTC",
  );
});
