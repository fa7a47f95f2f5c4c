import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { violationsOf } from "./invariants.ts";
import { type KindName, kindNames, kinds, scheduledKinds } from "./kinds.ts";
import { jobNames } from "./masters.ts";
import { failureOf, summaryOf } from "./report.ts";
import { live } from "./run.ts";
import { scheduleOf } from "./schedule.ts";
import { processNames } from "./services.ts";
import { masterNames, World } from "./world.ts";

const help = `npm run chaos -- [options]

Lets real services live through a schedule of faults and checks what must hold whatever happens.

  --builds N     how many builds (default 200: about four minutes)
  --seed N       decides the whole schedule (default: a new one each time)
  --only A,B     only these kinds of fault
  --also A,B     these besides; those that do not come by themselves, or in long runs only, are marked with *
  --control      every try to create a pod gives it another name: the run must fail
  --logs DIR     keeps the services' logs there, and all that was seen, as history.json

Kinds of fault:
${kindNames.map((name) => `  ${scheduledKinds(60).includes(name) ? " " : "*"} ${name.padEnd(25)} ${kinds[name].says}`).join("\n")}
`;

const options = {
  builds: { type: "string", default: "200" },
  seed: { type: "string", default: String(Date.now() % 1_000_000) },
  only: { type: "string" },
  also: { type: "string", default: "" },
  control: { type: "boolean", default: false },
  logs: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

function wrongUse(sentence: string): never {
  process.stderr.write(`${sentence}\nSee npm run chaos -- --help.\n`);
  process.exit(2);
}

function numberOf(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) wrongUse(`--${name} wants a whole number, not ${text}.`);
  return Number(text);
}

function kindsOf(text: string): KindName[] {
  return text
    .split(",")
    .filter(Boolean)
    .map((name) => kindNames.find((known) => known === name) ?? wrongUse(`${name} is no kind of fault.`));
}

function readArguments() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
}

const values = readArguments();
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const seed = numberOf("seed", values.seed);
const builds = numberOf("builds", values.builds);
const wanted = [
  ...(values.only === undefined ? scheduledKinds(builds) : kindsOf(values.only)),
  ...kindsOf(values.also),
];
const schedule = scheduleOf({
  seed,
  builds,
  kinds: [...new Set(wanted)],
  masters: masterNames,
  jobs: jobNames(wanted.includes("master.restart-pipelines")),
  processes: processNames,
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

say(`chaos: seed ${seed}, ${schedule.builds.length} builds, ${schedule.faults.length} faults`);
const world = await World.start({ seed, forgetsNames: values.control, logs: values.logs });
let isWell = false;
try {
  const history = await live(world, schedule, { say });
  const violations = violationsOf(history);
  if (values.logs !== undefined) await writeFile(join(values.logs, "history.json"), JSON.stringify(history));
  for (const line of summaryOf(history)) say(line);
  if (violations.length > 0) for (const line of failureOf(history, violations)) say(line);
  isWell = violations.length === 0;
  say(
    isWell
      ? `every rule held (seed ${seed})`
      : `${violations.length} rules broken: npm run chaos -- --seed ${seed} --builds ${values.builds}`,
  );
} finally {
  await world.stop();
}
process.exit(isWell ? 0 : 1);
