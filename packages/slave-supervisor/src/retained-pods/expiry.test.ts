import { expect, test } from "vitest";
import { expired, type RetainedPod, type RetentionBounds } from "./expiry.ts";

const pod = (name: string, until: number, template = "maven"): RetainedPod => ({ name, uid: name, template, until });
const bounds: RetentionBounds = {
  now: 1000,
  isListed: true,
  caps: (template) => {
    if (!template.startsWith("team-a/")) return [{ of: template, most: template === "maven" ? 2 : 5 }];
    const own = { of: template, most: 2 };
    return [own, { of: "team a", most: 3 }];
  },
};
const names = (pods: readonly RetainedPod[], of = bounds) => expired(pods, of).map(({ pod: { name } }) => name);

test.each<[string, RetainedPod[], string[]]>([
  ["none", [], []],
  ["one whose time is not over stays", [pod("a", 1001)], []],
  ["one whose time is over goes", [pod("a", 1000)], ["a"]],
  ["of too many those go that end first", [pod("a", 3000), pod("b", 2000), pod("c", 4000), pod("d", 2500)], ["d", "b"]],
  ["each template is counted by itself", [pod("a", 2000), pod("b", 2000), pod("c", 2000, "go")], []],
  [
    "those that go anyway do not push others out",
    [pod("a", 1), pod("b", 2), pod("c", 2000), pod("d", 2000)],
    ["b", "a"],
  ],
  [
    "templates of one source have a cap together, in which those that their own one drops do not count",
    [
      ...[9000, 8000, 7000].map((until) => pod(`x${until}`, until, "team-a/x")),
      ...[6000, 5000].map((until) => pod(`y${until}`, until, "team-a/y")),
    ],
    ["x7000", "y5000"],
  ],
  ["of those that end together it is settled which goes", [pod("a", 2000), pod("b", 2000), pod("c", 2000)], ["a"]],
])("%s", (_, pods, gone) => {
  expect(names(pods)).toEqual(gone);
  expect(names(pods.toReversed())).toEqual(gone);
});

test("all go once their master is out of the configuration", () => {
  expect(names([pod("a", 9000), pod("b", 9000, "go")], { ...bounds, isListed: false })).toEqual(["b", "a"]);
});

test("each says why", () => {
  expect(
    expired([pod("a", 0), pod("b", 2000), pod("c", 3000), pod("d", 4000)], bounds).map(({ reason }) => reason),
  ).toEqual(["it was kept; of maven 2 are kept at most", "it was kept until 1970-01-01T00:00:00.000Z"]);
});
