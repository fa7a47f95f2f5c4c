import { expect, test } from "vitest";
import { isAtLeast, parseVersion } from "./version.ts";

test.each([
  ["nats-server: v2.15.2", [2, 15, 2]],
  ["go1.26.8 linux/amd64", [1, 26, 8]],
  ["go1.27", [1, 27]],
  ['openjdk version "17.0.15" 2025-04-15', [17, 0, 15]],
  ['openjdk version "21" 2023-09-19', [21]],
  ["command not found", undefined],
])("the version in %j is %j", (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

test.each([
  [[2, 15, 2], [2, 12], true],
  [[2, 12], [2, 12, 0], true],
  [[2, 9, 10], [2, 12], false],
  [[1, 8, 0], [17], false],
  [[17], [17, 0, 1], false],
  [[3], [2, 99, 99], true],
])("%j is at least %j: %j", (version, least, expected) => {
  expect(isAtLeast(version, least)).toBe(expected);
});
