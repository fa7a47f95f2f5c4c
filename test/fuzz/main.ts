import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Findings, fuzz } from "./fuzz.ts";
import { parsers } from "./parsers/index.ts";
import { faultsOf, tableOf } from "./report.ts";
import { removeScratch } from "./scratch.ts";

const help = `npm run fuzz -- [options] [parser…]

Lets each parser of what strangers write read random, truncated and hostile inputs. None may raise anything but the errors that
KubeStack means, take longer than 50 ms of processor time, take more time than its input is longer, or keep anything.

  --inputs N   how many for each parser (default 100000)
  --seed N     decides all of them (default: a new one each time)

Parsers: ${parsers.map(({ name }) => name).join(", ")}
`;

const options = {
  inputs: { type: "string", default: "100000" },
  seed: { type: "string", default: String(Date.now() % 1_000_000) },
  help: { type: "boolean", short: "h", default: false },
} as const;

function wrongUse(sentence: string): never {
  process.stderr.write(`${sentence}\nSee npm run fuzz -- --help.\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) wrongUse(`--${name} wants a whole number, not ${text}.`);
  return Number(text);
}

const { values, positionals } = readArguments();
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const inputs = numberOf("inputs", values.inputs);
const seed = numberOf("seed", values.seed);
const chosen = positionals.map((name) => parsers.find((one) => one.name === name) ?? wrongUse(`${name} is no parser.`));
process.once("exit", removeScratch);
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const pausesMs = [1000, 5000, 15_000];

const findings: Findings[] = [];
for (const parser of chosen.length > 0 ? chosen : parsers) {
  const began = performance.now();
  findings.push(await fuzz(parser, { inputs, seed, collectGarbage, grows: true, pausesMs }));
  process.stderr.write(`${parser.name}: ${Math.round((performance.now() - began) / 1000)} s\n`);
}
process.stdout.write(`seed ${seed}, Node ${process.version}\n${tableOf(findings)}\n`);
const faults = findings.flatMap((one) => faultsOf(one, seed));
for (const fault of faults) process.stdout.write(`\n${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
