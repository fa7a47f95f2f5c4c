import { expect, test } from "vitest";
import { startsAgain } from "./container-life.ts";
import { backoffMs } from "./image-pull.ts";
import { DEFAULT_TIMINGS } from "./kubelet-services.ts";

test.each([
  [1, 10_000],
  [2, 20_000],
  [5, 160_000],
  [6, 300_000],
  [1_000, 300_000],
])("after %i failures in a row %i ms are waited", (failures, ms) => {
  expect(backoffMs(failures, DEFAULT_TIMINGS)).toBe(ms);
});

test.each([
  ["Never", "containers", 1, false],
  ["Never", "initContainers", 1, false],
  ["OnFailure", "containers", 0, false],
  ["OnFailure", "containers", 1, true],
  ["Always", "containers", 0, true],
  ["Always", "initContainers", 0, false],
  ["Always", "initContainers", 1, true],
  [undefined, "containers", 0, true],
] as const)("%s, %s, exit code %i: again %s", (policy, kind, exitCode, again) => {
  expect(startsAgain(policy, kind, exitCode)).toBe(again);
});
