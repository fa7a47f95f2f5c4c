import { afterAll, expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";
import { parsers } from "./parsers/index.ts";
import { faultsOf } from "./report.ts";
import { removeScratch } from "./scratch.ts";

/** `npm run fuzz` reads fifty times as many, and measures how the cost grows and what is kept. */
const inputs = 2_000;
const inputsOfHeavy = 200;
const seed = 7;

afterAll(removeScratch);

test.each(parsers.map((parser) => [parser.name, parser] as const))(
  "%s reads whatever is written",
  async (_, parser) => {
    const findings = await fuzz(parser, { seed, inputs: parser.isHeavy ? inputsOfHeavy : inputs, grows: false });
    expect(faultsOf(findings, seed)).toEqual([]);
    // Where everything is refused the samples are none, and nothing but refusing is tried.
    if (parser.refusesAll !== true) expect(findings.refused).toBeLessThan(findings.inputs);
  },
);
