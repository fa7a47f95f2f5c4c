import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";

test.each([
  [[], { kind: "sandbox", once: false }],
  [["--once"], { kind: "sandbox", once: true }],
  [["--config", "a.yaml"], { kind: "configured", file: "a.yaml" }],
  [["--config=a.yaml"], { kind: "configured", file: "a.yaml" }],
  [["--help"], { kind: "help" }],
  [["-h", "--once"], { kind: "help" }],
])("%j", (args, wanted) => {
  expect(readArguments(args)).toEqual(wanted);
});

test.each([
  [["--bogus"], "--bogus"],
  [["--config"], "--config"],
  [["--config", ""], "path of a file"],
  [["--config", "--once"], "--config"],
  [["--once", "--config", "a.yaml"], "leave out"],
  [["extra"], "extra"],
])("%j is told in a sentence", (args, part) => {
  const wanted = readArguments(args);
  expect(wanted).toMatchObject({ kind: "wrong", sentence: expect.stringContaining(part) });
  expect(wanted).toMatchObject({ sentence: expect.stringMatching(/^[^\n]*--help\.$/) });
});
