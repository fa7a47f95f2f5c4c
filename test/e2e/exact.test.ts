import { kinds } from "@kubestack/sandbox";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Site } from "./site.fixture.ts";

/** So many slaves at once: their agents are Java processes, and so is the master that must answer beside them. */
const atOnce = 6;
const builds = 60;
const shortBuilds = 30;

let site: Site;

beforeAll(async () => {
  site = await Site.start();
  const config = await site.configure("exact", (settings) => ({
    ...settings,
    masters: settings.masters.map((master) => ({ ...master, maxSlaves: atOnce })),
  }));
  const daemon = site.run(config);
  await daemon.says(/took the master over/);
});

afterAll(() => site?.stop());

/** Sends so many builds of all labels at once, and waits until all ended and nothing is left. Each takes so long, in seconds. */
async function burst(name: string, count: number, secondsLong: () => number) {
  const before = new Set((await site.records()).map(({ name: slave }) => slave));
  const builtBefore = new Map(
    await Promise.all(kinds.map(async (kind) => [kind, (await site.builds(kind)).length] as const)),
  );
  for (let number = 0; number < count; number += 1)
    await site.build(kinds[number % kinds.length] ?? "", {
      N: `${name}-${number}`,
      SECONDS_LONG: secondsLong().toFixed(2),
      CODE: "0",
    });
  const ended = await Promise.all(
    kinds.map(async (kind) => {
      const ofKind = count / kinds.length;
      return (await site.finished(kind, (builtBefore.get(kind) ?? 0) + ofKind, 600_000)).slice(0, ofKind);
    }),
  );
  await site.untilNothingIsLeft();
  const all = ended.flat();
  const slaves = (await site.records()).filter(({ name: slave }) => !before.has(slave));
  const ofOutcome = (outcome: string): number => slaves.filter(({ life }) => life.outcome === outcome).length;
  const shared = all.length - new Set(all.map(({ builtOn }) => builtOn)).size;
  const pods = new Set(slaves.map(({ life }) => life.pod.uid)).size;
  process.stdout.write(`${all.length} ${name} builds: ${pods} pods, ${shared} builds shared a slave\n`);
  return {
    succeeded: all.filter(({ result }) => result === "SUCCESS").length,
    pods,
    served: ofOutcome("served"),
    withdrawn: ofOutcome("withdrawn"),
    failed: ofOutcome("failed"),
    shared,
  };
}

test(`${builds} builds that last half a second and more, over three labels: exactly ${builds} pods`, {
  timeout: 900_000,
}, async () => {
  const { pods, shared, ...end } = await burst("long", builds, () => 0.5 + Math.random());
  expect({ pods, shared, ...end }).toEqual({
    pods: builds,
    shared: 0,
    served: builds,
    withdrawn: 0,
    failed: 0,
    succeeded: builds,
  });
});

test(`${shortBuilds} builds far shorter: each pod ran one, or made room for one that shared another's`, {
  timeout: 900_000,
}, async () => {
  const { pods, shared, served, withdrawn, failed, succeeded } = await burst(
    "short",
    shortBuilds,
    () => Math.random() * 0.3,
  );
  expect({ succeeded, failed, served: served + shared, pods: pods - withdrawn }).toEqual({
    succeeded: shortBuilds,
    failed: 0,
    served: shortBuilds,
    pods: shortBuilds - shared,
  });
});
