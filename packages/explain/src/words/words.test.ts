import { expect, test } from "vitest";
import { printAge, printSpan } from "./age.ts";
import { buildName, nameBuilds } from "./build-name.ts";

const [second, minute, hour] = [1000, 60_000, 3_600_000];

test.each([
  [-5000, "0s"],
  [0, "0s"],
  [999, "0s"],
  [59_999, "59s"],
  [4 * minute, "4m"],
  [6 * minute + 12 * second, "6m12s"],
  [9 * minute + 59 * second, "9m59s"],
  [41 * minute + 40 * second, "41m"],
  [hour + 4 * minute, "1h4m"],
  [2 * hour, "2h"],
  [76 * hour, "3d4h"],
])("an age of %i ms reads %s", (ms, text) => {
  expect(printAge(ms)).toBe(text);
});

test.each([
  [-1, "0ms"],
  [40, "40ms"],
  [100, "0.1s"],
  [900, "0.9s"],
  [9_949, "9.9s"],
  [9_950, "10s"],
  [68_000, "68s"],
  [99_499, "99s"],
  [99_500, "1m39s"],
  [83 * minute, "1h23m"],
])("a span of %i ms reads %s", (ms, text) => {
  expect(printSpan(ms)).toBe(text);
});

test.each([
  ["http://ci/job/shop/job/api/412/", "shop/api #412"],
  ["http://ci:8080/prefix/job/api/412/", "api #412"],
  ["http://ci/job/shop/job/api/", "shop/api"],
  ["http://ci/job/7/", "7"],
  ["http://ci/job/7/8/", "7 #8"],
  ["http://ci/job/job/job/job/3/", "job/job #3"],
  ["http://ci/job/m/job/feature%252Fx/9/", "m/feature%2Fx #9"],
  ["http://ci/job/matrix/label=a/9/", "matrix/label=a #9"],
  ["http://ci/job/%E4/1/", "%E4 #1"],
  ["http://ci/queue/item/4/", "http://ci/queue/item/4/"],
  ["no address", "no address"],
])("%s is the build %s", (url, name) => {
  expect(buildName(url)).toBe(name);
});

test("addresses of builds in a sentence become names, others stay", () => {
  expect(nameBuilds("runs http://ci/job/a/1/.")).toBe("runs a #1.");
  expect(nameBuilds("http://ci/job/a/1/ is over (see http://ci/log)")).toBe("a #1 is over (see http://ci/log)");
});
