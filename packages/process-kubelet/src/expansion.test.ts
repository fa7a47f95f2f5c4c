import { expect, test } from "vitest";
import { expandReferences } from "./expansion.ts";

const known: Record<string, string> = { HOME: "/home/me", EMPTY: "", NESTED: "$(HOME)" };

test.each([
  ["plain", "plain"],
  ["$(HOME)/bin", "/home/me/bin"],
  ["$(HOME)$(HOME)", "/home/me/home/me"],
  ["a$(EMPTY)b", "ab"],
  ["$(UNKNOWN)", "$(UNKNOWN)"],
  ["$$(HOME)", "$(HOME)"],
  ["$$$(HOME)", "$/home/me"],
  ["$HOME", "$HOME"],
  ["cost: 5$", "cost: 5$"],
  ["$(HOME", "$(HOME"],
  ["$(NESTED)", "$(HOME)"],
])("%s becomes %s", (text, expanded) => {
  expect(expandReferences(text, (name) => known[name])).toBe(expanded);
});
