import type { NodeHealth } from "@kubestack/kubernetes";
import { expect, test } from "vitest";
import { goesByForce, unseenMs } from "./overdue-pod.ts";

test.each<[NodeHealth, number, boolean]>([
  ["gone", 60_000, true],
  ["not-ready", 60_000, true],
  ["ready", 24 * 3_600_000, false],
  ["unknown", 60_000, false],
  ["unknown", unseenMs - 1, false],
  ["unknown", unseenMs, true],
])("an overdue pod whose machine is %s, after %i ms: by force %s (H29)", (machine, overdueMs, expected) => {
  expect(goesByForce(machine, overdueMs)).toBe(expected);
});
