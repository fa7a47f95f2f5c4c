import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { KubestackError } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { randomOf } from "../chaos/random.ts";
import { type Findings, type FuzzOptions, fuzz } from "./fuzz.ts";
import { HostileInputs } from "./hostile-inputs.ts";
import { type FuzzedParser, times } from "./parser.ts";
import { faultsOf, tableOf } from "./report.ts";

const sample = '{"kind":"job","name":"lib"}';
const sound: FuzzedParser = {
  name: "sound",
  isJson: true,
  samples: [sample],
  words: ["aaaa", "job"],
  read: (input) => {
    if (!input.startsWith("{")) throw new KubestackError("invalid-message", "It is no object.");
  },
  growing: {},
};
const find = (changed: Partial<FuzzedParser>, options: Partial<FuzzOptions> = {}) =>
  fuzz({ ...sound, ...changed }, { seed: 1, inputs: 500, grows: true, ...options });
const saying = (findings: Findings): string[] => findings.faults.map(({ says }) => says);

test("a parser that refuses what it does not know, and nothing else, is sound", async () => {
  const findings = await find({});
  expect(findings).toMatchObject({ inputs: 500, faults: [] });
  expect(findings.refused).toBeGreaterThan(0);
});

test("one that raises anything else is found, with the input as short as may be, and how to see it again", async () => {
  const findings = await find({
    read: (input) => {
      if (input.includes("__proto__")) throw new RangeError("too much of it");
    },
  });
  expect(findings.faults).toEqual([{ says: "it raised RangeError: too much of it", input: "__proto__" }]);
  expect(faultsOf(findings, 1).join()).toBe(
    'sound: it raised RangeError: too much of it\n  input: "__proto__"\n  again: npm run fuzz -- --seed 1 sound',
  );
  expect(tableOf([findings])).toMatch(/FAULTY$/);
});

test("one whose promise is broken is found, too", async () => {
  const findings = await find({
    read: async (input) => {
      if (input.includes("\u0000")) throw new TypeError("no");
    },
  });
  expect(findings.faults).toEqual([{ says: "it raised TypeError: no", input: "\u0000" }]);
});

/** It tries every way to cut a run of `a` into parts before it gives up. */
const backtracking = /^(?:a+)+$/;

test("one that tries every way of reading an input is found by what one input costs", async () => {
  const read = (input: string) => backtracking.test(`${/a{0,22}/.exec(input.slice(input.indexOf("a")))?.[0]}!`);
  const findings = await find({ read }, { mostMs: 5 });
  expect(saying(findings)).toEqual([expect.stringMatching(/^it took \d+ ms of processor time, more than 5$/)]);
  expect(findings.faults[0]?.input).toMatch(/a{15}/);
});

test("one that looks through all of it for each character is found by how its cost grows", async () => {
  const read = (input: string) => (input.startsWith("aaaa") ? [...input].filter(() => input.includes("!")) : undefined);
  const growing = { letters: (size: number) => times("a", size) };
  const findings = await find({ read, growing, longest: 65_536 }, { mostMs: 1000 });
  expect(saying(findings)).toEqual([
    expect.stringMatching(/^twice the letters cost [345]\.\d times as much, at \d+ char/),
  ]);
});

test("one that raises at a length that no other input has is found, too", async () => {
  const read = (input: string) => /^(?:\(.*)$/s.test(input) && nested(input, 0);
  const findings = await find({ read, growing: { brackets: (size) => times("(", size) } });
  expect(saying(findings)).toEqual([
    expect.stringMatching(/^at the brackets, 262144 characters, it raised RangeError: /),
  ]);
});

function nested(input: string, at: number): number {
  return input[at] === "(" ? nested(input, at + 1) + 1 : 0;
}

test("one that keeps what it read is found by the heap", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const kept: string[][] = [];
  const findings = await find(
    { read: (input) => kept.push(Array.from({ length: 1000 }, () => input)) },
    { collectGarbage },
  );
  expect(saying(findings)).toEqual([
    expect.stringMatching(/^the heap is \d+ kB larger after 500 inputs than after 50$/),
  ]);
  expect((await find({}, { collectGarbage })).faults).toEqual([]);
  expect(kept).not.toEqual([]);
});

test("the same seed gives the same inputs", () => {
  const heard = [1, 1, 2].map((seed) => {
    const hostile = new HostileInputs(sound, randomOf(seed));
    return Array.from({ length: 500 }, () => hostile.next());
  });
  expect(heard[1]).toEqual(heard[0]);
  expect(heard[2]).not.toEqual(heard[0]);
  expect(new Set(heard[0]).size).toBeGreaterThan(300);
});
