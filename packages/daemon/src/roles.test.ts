import { describe, expect, test } from "vitest";
import { orphanMs, type Role, roleOf, type Standing } from "./roles.ts";

const known: Standing = {
  isListed: false,
  isAllowed: true,
  kept: { isRemoved: false },
  role: "none",
  owns: false,
  orphanedMs: 0,
};

describe("a master's role in a supervisor", () => {
  test.each<[string, Partial<Standing>, Role]>([
    ["in the file, new", { isListed: true, kept: undefined }, "listed"],
    ["in the file again while it is drained", { isListed: true, kept: { isRemoved: true }, role: "removed" }, "listed"],
    ["in the file, and not to be served here", { isListed: true, isAllowed: false }, "none"],
    ["not in the file, and nothing is kept of it", { kept: undefined, role: "listed", owns: true }, "none"],
    ["it left the file of its owner", { role: "listed", owns: true }, "removed"],
    ["it left the file of one that stands by", { role: "listed" }, "none"],
    ["somebody found it gone", { kept: { isRemoved: true } }, "removed"],
    [
      "somebody found it gone, and it is not to be served here",
      { kept: { isRemoved: true }, isAllowed: false },
      "none",
    ],
    ["another process's file names it, and this one's not yet", {}, "none"],
    ["another process's file still names it, which this one took for gone", { role: "removed", owns: true }, "none"],
    ["nobody has supervised it for a while", { orphanedMs: orphanMs }, "removed"],
    ["nobody has supervised it for a moment", { orphanedMs: orphanMs - 1 }, "none"],
  ])("%s", (_, changed, role) => {
    expect(roleOf({ ...known, ...changed })).toBe(role);
  });
});
