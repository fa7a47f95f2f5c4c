import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { benchCapacity, benchCapacityMemory } from "./capacity/capacity.ts";
import { benchCapacityDay } from "./capacity/day/day.ts";
import { benchFleet, benchTakeoverAlone } from "./fleet/fleet.ts";
import { benchPushes } from "./fleet/pushes.ts";
import { confirmed, type Ratio } from "./measure.ts";
import { benchPlanning, benchPlanningGrowth } from "./planning.ts";
import { benchRound } from "./round/round.ts";
import { benchShortfall } from "./shortfall.ts";
import { benchSlaveLife } from "./slave-life.ts";
import { benchTemplates } from "./templates/templates.ts";

/**
 * Measures what decides how large a site may grow, prints the ratios and their limits, and fails where one is passed.
 * With `--long` the fleet is held and renewed for three quarters of an hour instead of three minutes. With one of the
 * options below nothing else is measured.
 */
const form = process.argv.includes("--long") ? "long" : "short";
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const alone: Readonly<Record<string, () => Promise<Ratio[]>>> = {
  "--takeover": async () => [await benchTakeoverAlone(tell)],
  "--round": benchRound,
  "--templates": async () => [confirmed(benchTemplates)],
  "--planning": async () => [benchPlanning, benchPlanningGrowth].map(confirmed),
  "--capacity": async () => [benchCapacity, benchCapacityMemory].map(confirmed),
  "--capacity-day": async () => benchCapacityDay(tell),
  "--pushes": async () => [await benchPushes(tell)],
};
const chosen = Object.entries(alone).flatMap(([option, bench]) => (process.argv.includes(option) ? [bench] : []));
const everything = [
  async () => [benchShortfall, benchPlanning, benchPlanningGrowth, benchSlaveLife, benchTemplates].map(confirmed),
  async () => [...[benchCapacity, benchCapacityMemory].map(confirmed), ...benchCapacityDay(tell)],
  benchRound,
  async () => [await benchPushes(tell)],
  () => benchFleet(form, tell),
];
const results: Ratio[] = [];
for (const bench of chosen.length > 0 ? chosen : everything) results.push(...(await bench()));

for (const { name, ratio, limit, figures } of results) {
  const measured = Object.entries(figures).map(([what, value]) => `${what} ${value}`);
  process.stdout.write(
    `${ratio <= limit ? "ok  " : "OVER"} ${ratio} (limit ${limit}) ${name}: ${measured.join(", ")}\n`,
  );
}
const file = new URL("bench-results.json", import.meta.url);
await writeFile(file, `${JSON.stringify({ node: process.version, results }, undefined, 2)}\n`);
process.stdout.write(`written to ${fileURLToPath(file)}\n`);
process.exitCode = results.every(({ ratio, limit }) => ratio <= limit) ? 0 : 1;
