import { capacityRights } from "@kubestack/kubernetes";
import { expect, test } from "vitest";
import { type PoolReport, poolFindings } from "./check-pools.ts";
import { told } from "./doctor.fixture.ts";

const pool: PoolReport = { pool: "spot", target: "MachineDeployment ci-machines/spot", wanted: 3, trouble: "" };

test.each<[string, Partial<PoolReport>, string]>([
  ["that is well", {}, "ok pools pool spot: MachineDeployment ci-machines/spot is to have 3 nodes"],
  ["that is not asked", { target: "aws-asg", wanted: null }, "ok pools pool spot: aws-asg"],
  ["that is not there", { wanted: undefined }, "FAIL pools pool spot: there is no MachineDeployment ci-machines/spot"],
  [
    "that may not be read",
    { wanted: null, trouble: "Cannot get it" },
    "FAIL pools pool spot: MachineDeployment ci-machines/spot could not be read: Cannot get it",
  ],
])("a target %s", (_, change, sentence) => {
  const [finding = ""] = told(poolFindings({ account: "me", missing: [], pools: [{ ...pool, ...change }] }));
  expect(finding).toContain(sentence);
});

test("rights that are missing over the whole cluster are told with what grants them", () => {
  const missing = capacityRights.filter(({ resource }) => resource === "nodes");
  const [finding, ...others] = poolFindings({ account: undefined, missing, pools: [] });
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    level: "FAIL",
    sentence: "this account may not list, watch, patch nodes of the whole cluster, which node pools need",
    fix: ["kubectl apply -f deploy/rbac-capacity.yaml"],
  });
});
