import type { Completion } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { factOf, idOf, openBuilds } from "./facts.ts";

function fact(phase: Completion["phase"], url: string, node: string | null = "n"): Completion {
  return { master: "m", phase, listener: "l", node, build: { url, number: null }, result: null, at: 7 };
}

describe("an id", () => {
  test("is the fact in words, and fits into a message however long the address is", () => {
    expect(idOf("m", factOf(fact("started", "job/a/1/")))).toBe("m/started n job/a/1/");
    const long = (end: string) => idOf("m", factOf(fact("started", `job/${"x".repeat(4000)}/${end}`)));
    expect(long("1").length).toBeLessThanOrEqual(512);
    expect(long("1")).not.toBe(long("2"));
    expect(long("1")).toBe(long("1"));
  });

  test("is one line, whatever the address holds: no message could bear it otherwise", () => {
    const broken = (end: string) => idOf("m", factOf(fact("started", `job/a\r\n${end}`)));
    expect(broken("1")).toMatch(/^[\w/]+$/);
    expect(broken("1")).not.toBe(broken("2"));
  });
});

test("builds are open that started and are not over, each on its node", () => {
  const open = openBuilds([
    fact("started", "a/1"),
    fact("started", "b/1"),
    fact("completed", "b/1"),
    fact("started", "p/1", "o"),
    fact("started", "p/1", "n"),
    fact("finished", "p/1", "o"),
    fact("finished", "a/1"),
    fact("started", "x/1", null),
    fact("finished", "never-seen/1"),
  ]);
  expect(open.map(({ node, build, at }) => [node, build.url, at])).toEqual([
    ["n", "b/1", 7],
    ["n", "p/1", 7],
  ]);
});
