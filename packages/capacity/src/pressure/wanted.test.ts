import type { Plan } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { needs, pod } from "../capacity.fixture.ts";
import { unscheduled, wantedOf } from "./wanted.ts";

const launch = { template: "maven", count: 2, shape: { cpu: "2", memory: "4Gi" }, reason: "" };
const plan = (of: Partial<Plan>): Plan => ({
  master: "m",
  at: 0,
  round: null,
  launches: [],
  waiting: [],
  more: 0,
  ...of,
});

test("planned slaves without a pod, of this decision and of earlier ones, each once by name (H36)", () => {
  const plans = [
    plan({
      launches: [{ ...launch, needs: needs(), slaves: ["s1", "s2"] }],
      coming: [{ template: "maven", needs: needs(), slaves: ["s0", "s1"] }],
    }),
    plan({ launches: [{ ...launch, needs: needs(), slaves: ["s3"] }] }),
  ];
  const pods = [pod("s2"), pod("s3", { kind: "other" })];
  expect(wantedOf(plans, pods).map(({ names }) => names)).toEqual([["s1"], ["s0"], ["s3"]]);
});

test("what waits at a master and is not launched is no pressure, nor is a launch that has no names yet (H36)", () => {
  const waiting = [{ item: "1", job: "j", code: "cap", reason: "50/50 slaves" }];
  expect(wantedOf([plan({ waiting, more: 950, launches: [launch] })], [])).toEqual([]);
});

test("slaves' pods that no node has are pressure, as long as they are not on their way out", () => {
  const pods = [pod("s1"), pod("s2", { node: "n1" }), pod("s3", { isEnding: true }), pod("x", { kind: "other" })];
  expect(unscheduled(pods)).toEqual([{ needs: needs(), names: ["s1"] }]);
});
