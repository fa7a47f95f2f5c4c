import { describe, expect, test } from "vitest";
import { type Heir, inheritanceFaults, lineOf } from "./inheritance.ts";

const heirs = (of: Readonly<Record<string, readonly string[]>>): Heir[] =>
  Object.entries(of).map(([name, inheritFrom]) => ({ name, inheritFrom }));

describe("a template stands on", () => {
  test.each<[string, Record<string, string[]>, string]>([
    ["nothing", { a: [] }, "a"],
    ["its parent", { base: [], a: ["base"] }, "base a"],
    ["several, the last one stronger", { x: [], y: [], a: ["x", "y"] }, "x y a"],
    ["its parents' parents", { root: [], x: ["root"], y: ["x"], a: ["y"] }, "root x y a"],
    [
      "what each of its parents stands on, before that parent",
      { r: [], s: [], x: ["r"], y: ["s"], a: ["x", "y"] },
      "r x s y a",
    ],
    [
      "one that is met on two ways once: what stands on it is stronger",
      { r: [], x: ["r"], y: ["r"], a: ["x", "y"] },
      "r x y a",
    ],
    ["one that it names twice, once", { x: [], a: ["x", "x"] }, "x a"],
    ["one that comes later in the list", { a: ["z"], z: [] }, "z a"],
  ])("%s", (_, of, line) => {
    const all = heirs(of);
    const template = all.find(({ name }) => name === "a") as Heir;
    expect(lineOf(template, all).map(({ name }) => name)).toEqual(line.split(" "));
    expect(inheritanceFaults(all)).toEqual([]);
  });
});

describe("a name that can't be followed", () => {
  test.each<[string, Record<string, string[]>, [number, number, string][]]>([
    ["is unknown", { x: [], a: ["x", "y"] }, [[1, 1, "names no template (y); correct it"]]],
    [
      "is the template's own",
      { a: ["a"] },
      [[0, 0, "leads back to the template itself (a → a); take one of them out"]],
    ],
    [
      "leads in a circle: both are told",
      { a: ["b"], b: ["a"] },
      [
        [0, 0, "leads back to the template itself (a → b → a); take one of them out"],
        [1, 0, "leads back to the template itself (b → a → b); take one of them out"],
      ],
    ],
    [
      "leads into a circle that the template is no part of, which is told of that one alone",
      { a: ["b"], b: ["b"] },
      [[1, 0, "leads back to the template itself (b → b); take one of them out"]],
    ],
    ["is what every object has", { a: ["constructor"] }, [[0, 0, "names no template (constructor); correct it"]]],
  ])("%s", (_, of, expected) => {
    const faults = inheritanceFaults(heirs(of));
    expect(faults.map(({ template, parent, message }) => [template, parent, message])).toEqual(expected);
  });

  test("is passed over by who follows the others", () => {
    const all = heirs({ a: ["b", "nobody"], b: ["a", "c"], c: [] });
    expect(lineOf(all[0] as Heir, all).map(({ name }) => name)).toEqual(["c", "b", "a"]);
  });

  test("costs no more than its names, though the ways to it are many", () => {
    const layers = 60;
    const all = heirs(
      Object.fromEntries(
        Array.from({ length: layers }, (_, at) => [`l${at}`, at + 1 < layers ? [`l${at + 1}`, `l${at + 1}`] : []]),
      ),
    );
    expect(inheritanceFaults(all)).toEqual([]);
    expect(lineOf(all[0] as Heir, all)).toHaveLength(layers);
  });
});

test("of a long circle the beginning and the end are told", () => {
  const ring = Array.from({ length: 30 }, (_, at) => ({ name: `t${at}`, inheritFrom: [`t${(at + 1) % 30}`] }));
  const [first] = inheritanceFaults(ring);
  expect(first?.message).toContain("(t0 → t1 → t2 → t3 → t4 → t5 → … → t26 → t27 → t28 → t29 → t0)");
});
