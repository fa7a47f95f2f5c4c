import { noon, slave } from "@kubestack/explain/testing";
import { describe, expect, test } from "vitest";
import { livingSlave } from "./held-slave.ts";

const retained = { at: noon, until: noon + 60_000, because: "it failed" };
const slaves = [
  slave("ks-a-1", "busy"),
  slave("ks-a-12", "online"),
  slave("ks-a-3", "deleted"),
  slave("ks-b-4", "deleted", { life: { pod: { retained } } }),
  slave("ks-b-45", "scheduled"),
];

describe("the slave that is meant", () => {
  test.each([
    ["ks-a-1", "ks-a-1"],
    ["ks-a-12", "ks-a-12"],
    ["ks-b-", "ks-b-45"],
  ])("%s is %s", (what, name) => {
    expect(livingSlave(what, slaves).name).toBe(name);
  });

  test.each([
    ["ks-a", "'ks-a' may be 2 slaves (ks-a-1, ks-a-12); write more of the name."],
    ["", "No living slave is called '', or begins so; kubestackcmd list shows them."],
    ["ks-c", "No living slave is called 'ks-c', or begins so; kubestackcmd list shows them."],
    ["ks-a-3", "ks-a-3 is over, and so is its pod: only a slave that lives can be held."],
    [
      "ks-b-4",
      "ks-b-4 is over, and its pod is stopped and kept until 2026-03-04 12:01:00 UTC already: its logs can be read until then.",
    ],
  ])("%s is none: %s", (what, sentence) => {
    expect(() => livingSlave(what, slaves)).toThrow(sentence);
  });
});
