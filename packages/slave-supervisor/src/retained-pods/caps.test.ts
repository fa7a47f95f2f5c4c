import { expect, test } from "vitest";
import { retentionCaps } from "./caps.ts";

const group = "the templates of namespace team-a";
const templates = [
  { name: "maven", retainMax: 7 },
  { name: "team-a/maven", retainMax: 3, retainedTogether: { group, retainMax: 4 } },
];

test.each([
  ["of the file has its own cap", "maven", [{ of: "template maven", most: 7 }]],
  [
    "from elsewhere has that of its source, too",
    "team-a/maven",
    [
      { of: "template team-a/maven", most: 3 },
      { of: group, most: 4 },
    ],
  ],
  ["that is gone has one with all others that are", "old", [{ of: "templates that are gone", most: 5 }]],
])("a template %s", (_, name, caps) => {
  expect(retentionCaps(templates, true)(name)).toEqual(caps);
});

test("one that is perhaps not known yet has none until all are", () => {
  expect(retentionCaps(templates, false)("old")).toEqual([]);
  expect(retentionCaps(templates, false)("maven")).toEqual([{ of: "template maven", most: 7 }]);
});
