import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFunctionLine, readVersionLine, readWorkerLine } from "./reply-lines.ts";

describe("a line of `status`", () => {
  test.each([
    ["build:a:linux\t3\t1\t2", { name: "build:a:linux", total: 3, running: 1, workers: 2 }],
    ["build:my job\t0\t0\t0", { name: "build:my job", total: 0, running: 0, workers: 0 }],
    ["größe\t4294967295\t0\t1", { name: "größe", total: 4_294_967_295, running: 0, workers: 1 }],
  ])("%j", (line, count) => {
    expect(readFunctionLine(line)).toEqual(count);
  });

  test.each([
    "",
    ".",
    "build:a\t1\t0",
    "build:a\t1\t0\t0\t9",
    "build:a\tb\t1\t0\t0",
    "\t1\t0\t0",
    "build:a\t-1\t0\t0",
    "build:a\t1e3\t0\t0",
    "build:a\t 1\t0\t0",
    "build:a\t\t0\t0",
    "build:a\t99999999999\t0\t0",
    `${"z".repeat(1025)}\t1\t0\t0`,
    "HTTP/1.1 400 Bad Request",
  ])("%j is none", (line) => {
    expect(readFunctionLine(line)).toBeUndefined();
  });
});

describe("a line of `workers`", () => {
  test.each([
    ["36 127.0.0.1 - :", { clientId: "-", functions: "" }],
    ["36 127.0.0.1 - : ", { clientId: "-", functions: "" }],
    [
      "37 127.0.0.1 me too : build:a:linux build:my job",
      { clientId: "me too", functions: "build:a:linux build:my job" },
    ],
    ["7 ::1 w : stop:m", { clientId: "w", functions: "stop:m" }],
    ["-1 10.0.0.1 w : f", { clientId: "w", functions: "f" }],
    ["7 ::1 w :f : g", undefined],
    ["x 127.0.0.1 w : f", undefined],
    ["36 127.0.0.1", undefined],
    ["36", undefined],
    ["", undefined],
  ])("%j", (line, row) => {
    expect(readWorkerLine(line)).toEqual(row);
  });
});

test.each([
  ["OK 1.1.20+ds", "1.1.20+ds"],
  ["OK", undefined],
  ["OK ", undefined],
  ["ERR UNKNOWN_COMMAND", undefined],
  ["OK 1 2", undefined],
])("the answer to `version`: %j", (line, version) => {
  expect(readVersionLine(line)).toBe(version);
});

test("no text is more than a reader can bear", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom("\t", " ", ":", " :", " : ", "1", "-", "build:", "a")).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const count = readFunctionLine(text);
      if (count !== undefined) expect(`${count.name}\t${text.split("\t").slice(1).join("\t")}`).toBe(text);
      readWorkerLine(text);
      readVersionLine(text);
    }),
    { numRuns: 500 },
  );
});

test("long and hostile lines cost linear time", () => {
  const before = performance.now();
  for (const piece of ["\t", " ", " :", ":", "1", "OK "]) {
    const line = piece.repeat(2_000_000 / piece.length);
    readFunctionLine(line);
    readWorkerLine(`1 ${line}`);
    readVersionLine(line);
  }
  expect(performance.now() - before).toBeLessThan(3_000);
});
