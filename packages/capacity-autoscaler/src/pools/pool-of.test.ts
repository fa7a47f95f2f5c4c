import { expect, test } from "vitest";
import { nodePoolSchema } from "./entry.ts";
import { limitsOf, poolOf } from "./pool-of.ts";

const pool = nodePoolSchema.parse({
  name: "spot",
  nodeLabels: { pool: "spot" },
  shape: { cpu: "15500m", memory: "64Gi", disk: "100G" },
  overhead: { cpu: "100m", memory: "1Gi" },
  max: 40,
  spot: true,
  removeAtOnce: 2,
  deliverWithin: "3m",
  target: { type: "aws-asg", group: "g", region: "eu-central-1" },
});

test("a pool is what its entry says, in thousandths of a core, bytes and milliseconds", () => {
  expect(poolOf(pool)).toEqual({
    name: "spot",
    nodeLabels: { pool: "spot" },
    taints: [],
    shape: { cpu: 15_500, memory: 64 * 1024 ** 3, "ephemeral-storage": 100e9, pods: 110 },
    overhead: { cpu: 100, memory: 1024 ** 3 },
    min: 0,
    max: 40,
    pricePerHour: 0,
    isSpot: true,
    deliverWithinMs: 180_000,
    scaleDownDelayMs: 300_000,
    disruptionBudget: 2,
  });
});

test("where the cluster's own autoscaler decides on nodes there is nothing to decide", () => {
  const room = nodePoolSchema.parse({ name: "r", nodeLabels: { pool: "r" }, target: { type: "headroom" } });
  expect(poolOf(room)).toBeUndefined();
});

test("what holds for all together is any amount where nothing is said", () => {
  expect(limitsOf({})).toEqual({});
  expect(limitsOf({ cpu: "1500m", memory: "1Ti", pricePerHour: 9 })).toEqual({
    cpu: 1500,
    memory: 1024 ** 4,
    pricePerHour: 9,
  });
});
