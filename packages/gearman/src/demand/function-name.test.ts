import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { namesOf, readFunctionName } from "./function-name.ts";

describe("what a function's name asks for", () => {
  test.each([
    ["build:a:linux", { job: "a", label: "linux" }],
    ["build:a", { job: "a", label: null }],
    ["build:a:", { job: "a", label: null }],
    ["build:folder/my job:linux", { job: "folder/my job", label: "linux" }],
    ["build:a:ubuntu:24.04", { job: "a", label: "ubuntu:24.04" }],
  ])("%s", (name, build) => {
    expect(readFunctionName(name)).toEqual(build);
  });

  test.each([
    "stop:backend",
    "set_description:backend",
    "build:",
    "build: :x",
    "build::linux",
    "Build:a",
    "reverse",
    "",
  ])("%j is no demand", (name) => {
    expect(readFunctionName(name)).toBeUndefined();
  });
});

describe("the names in a worker's row", () => {
  test.each<[string, string[]]>([
    ["", []],
    ["build:a build:a:linux stop:m", ["build:a", "build:a:linux", "stop:m"]],
    ["build:my job:linux build:my job", ["build:my job:linux", "build:my job"]],
    ["build:a:linux reverse set_description:m", ["build:a:linux", "reverse", "set_description:m"]],
    ["one two", ["one", "two"]],
    ["build:a  build:b", ["build:a", "build:b"]],
  ])("%j", (text, names) => {
    expect(namesOf(text)).toEqual(names);
  });

  const word = fc.stringMatching(/^[a-z]{1,5}$/);
  const job = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
  const known = fc.oneof(
    fc.tuple(job, word).map(([name, label]) => `build:${name}:${label}`),
    job.map((name) => `build:${name}`),
    word.map((name) => `stop:${name}`),
  );

  test("are found again, though jobs' names hold blanks", () => {
    fc.assert(
      fc.property(fc.array(known), (names) => {
        expect(namesOf(names.join(" "))).toEqual(names);
      }),
    );
  });

  test("cost linear time, and no text is too strange", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => namesOf(text).length <= text.length));
    const before = performance.now();
    namesOf("build:a ".repeat(50_000));
    namesOf(`build:${"a ".repeat(100_000)}`);
    namesOf(" ".repeat(500_000));
    expect(performance.now() - before).toBeLessThan(3_000);
  });
});
