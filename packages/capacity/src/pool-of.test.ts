import { expect, test } from "vitest";
import { poolOf } from "./pool-of.ts";

test("a node is of the pool that is known by most of its labels, and of none by no label", () => {
  const pools = [
    { name: "all", nodeLabels: { ci: "y" } },
    { name: "spot", nodeLabels: { ci: "y", spot: "y" } },
    { name: "blank", nodeLabels: {} },
  ];
  const nodes = [{ ci: "y" }, { ci: "y", spot: "y", zone: "a" }, { ci: "n" }, {}];
  expect(nodes.map((labels) => poolOf(labels, pools))).toEqual(["all", "spot", null, null]);
});
