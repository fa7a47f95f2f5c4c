import { expect, test } from "vitest";
import { template } from "../slave-record.fixture.ts";
import { membersIn, sharedRoom } from "./members.ts";

const group = "the templates of namespace team-a";
const shared = { group, prefix: "team-a.", maxSlaves: 5 };
const templates = [
  { ...template({ name: "team-a.maven" }), shared },
  { ...template({ name: "team-a.go" }), shared },
  template({ name: "maven" }),
  // Of the file, though its name begins like a team's.
  template({ name: "team-a.own" }),
];

test.each<[cap: string, of: string, is: boolean]>([
  ["maven", "maven", true],
  ["maven", "go", false],
  [group, "team-a.maven", true],
  [group, "maven", false],
  [group, "team-a.own", false],
  [group, "team-a.gone", true],
  [group, "team-b.gone", false],
  ["the applied templates", "gone", false],
])("under the cap of %s template %s counts: %s", (cap, of, is) => expect(membersIn(templates)(cap, of)).toBe(is));

test("the room under a cap of several templates is what all of them leave, those included that are gone", () => {
  const counts = new Map([
    ["team-a.maven", 1],
    ["team-a.gone", 2],
    ["maven", 9],
  ]);
  expect(sharedRoom(shared, counts, membersIn(templates))).toEqual({
    name: group,
    slaves: 2,
    cap: `3/5 slaves of ${group}`,
  });
});
