import { slave } from "@kubestack/explain/testing";
import { describe, expect, test } from "vitest";
import { toDrain } from "./to-drain.ts";
import { whoOf } from "./who.ts";

const there = {
  masters: ["backend", "ks-backend-1"],
  slaves: [slave("ks-backend-1", "busy"), slave("ks-backend-12", "online"), slave("ks-backend-2", "deleted")],
};

describe("what is to be drained", () => {
  test.each<[string, object]>([
    ["backend", { kind: "master", master: "backend" }],
    ["ks-backend-1", { kind: "master", master: "ks-backend-1" }],
    ["ks-backend-12", { kind: "slave", master: "backend", slave: "ks-backend-12" }],
  ])("%s", (what, found) => {
    expect(toDrain(what, there)).toEqual(found);
  });

  test("a slave's whole name is that slave's, though others begin so", () => {
    const found = { kind: "slave", master: "backend", slave: "ks-backend-1" };
    expect(toDrain("ks-backend-1", { ...there, masters: [] })).toEqual(found);
  });

  test.each([
    ["ks-backend", /may be 2 slaves \(ks-backend-1, ks-backend-12\); write more/],
    ["ks-backend-2", /Neither a master nor a living slave is called 'ks-backend-2'/],
  ])("%s is told in one sentence", (what, sentence) => {
    expect(() => toDrain(what, there)).toThrow(sentence);
  });
});

test.each([
  [{ SUDO_USER: "ann", USER: "root" }, "ann"],
  [{ USER: "bob" }, "bob"],
  [{ USER: "", LOGNAME: "eve" }, "eve"],
  [{}, "somebody"],
])("who gives an order, with %j", (environment, who) => {
  expect(whoOf(environment)).toBe(who);
});
