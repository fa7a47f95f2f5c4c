import { describe, expect, test } from "vitest";
import { item, template } from "./demand.fixture.ts";
import { chance } from "./sharing/sharing.fixture.ts";
import { shortfall } from "./shortfall.ts";

interface Load {
  readonly name: string;
  /** Builds that arrive in each moment. */
  readonly load: number;
  readonly weight?: number;
  readonly priority?: number;
}

const cap = 50;

/** Templates of one master under its cap, for as many builds as are wanted: the slaves that each had, summed over the moments. */
function shareOut(loads: readonly Load[], { builds, seed }: { builds: number; seed: number }) {
  const random = chance(seed);
  const ends = new Map<string, number[]>(loads.map(({ name }) => [name, []]));
  const had = new Map<string, number>();
  let [queue, ids, built] = [[] as ReturnType<typeof item>[], 1, 0];
  for (let now = 0; built < builds; now += 1) {
    for (const { name, load } of loads) {
      const arrived = Math.floor(load * (now + 1)) - Math.floor(load * now);
      queue.push(...Array.from({ length: arrived }, (_, at) => item(ids + at, name)));
      ids += arrived;
      ends.set(name, ends.get(name)?.filter((end) => end > now) ?? []);
    }
    const usedBy = (name: string): number => ends.get(name)?.length ?? 0;
    const used = loads.reduce((sum, { name }) => sum + usedBy(name), 0);
    const { launches } = shortfall({
      items: queue,
      supply: [],
      templates: loads.map(({ name, weight = 1, priority = 0 }) =>
        template(name, { share: { weight, priority, used: usedBy(name), askOf: () => 1 } }),
      ),
      allowance: 1000,
      room: { slaves: cap - used, cap: "full" },
    });
    for (const launch of launches) ends.get(launch.template)?.push(now + 1 + Math.floor(random() * 20));
    built += launches.length;
    const launched = new Set(launches.map((launch) => launch.item.id));
    queue = queue.filter(({ id }) => !launched.has(id)).slice(0, 2000);
    for (const { name } of loads) had.set(name, (had.get(name) ?? 0) + usedBy(name));
  }
  const all = [...had.values()].reduce((sum, one) => sum + one, 0);
  return (name: string): number => (had.get(name) ?? 0) / all;
}

describe("templates that share their master's cap for 10,000 builds", () => {
  test.each([1, 2, 3])(
    "of ten times the load and equal weights have shares within a twentieth of fair (seed %i)",
    (seed) => {
      const partOf = shareOut(
        [
          { name: "a", load: 60 },
          { name: "b", load: 6 },
        ],
        { builds: 10_000, seed },
      );
      expect(Math.abs(partOf("a") - 0.5)).toBeLessThan(0.025);
    },
  );

  test("have shares by their weights", () => {
    const loads = [
      { name: "a", load: 60, weight: 4 },
      { name: "b", load: 60 },
    ];
    expect(Math.abs(shareOut(loads, { builds: 10_000, seed: 4 })("a") - 0.8)).toBeLessThan(0.04);
  });

  test("have what the others leave", () => {
    // A build takes 10.5 moments on average, so its load of 1 is 10.5 slaves of 50.
    const partOf = shareOut(
      [
        { name: "a", load: 60 },
        { name: "b", load: 1 },
      ],
      { builds: 10_000, seed: 5 },
    );
    expect(Math.abs(partOf("b") - 10.5 / cap)).toBeLessThan(0.02);
  });

  test("of a higher priority have all that they want, and the others the rest", () => {
    const loads = [
      { name: "a", load: 60 },
      { name: "b", load: 3, priority: 1 },
    ];
    expect(Math.abs(shareOut(loads, { builds: 10_000, seed: 6 })("b") - 31.5 / cap)).toBeLessThan(0.04);
  });
});

test("an item that is one too many waits for its master's cap, behind those before it", () => {
  const templates = [template("a"), template("b", { share: { weight: 1, priority: 1, used: 9, askOf: () => 1 } })];
  const items = [item(1, "a"), item(2, "a"), item(3, "b")];
  const { launches, waiting } = shortfall({
    items,
    supply: [],
    templates,
    allowance: 9,
    room: { slaves: 1, cap: "9/10" },
  });
  expect(launches.map((one) => one.item.id)).toEqual(["3"]);
  expect(waiting.map((one) => [one.item.id, one.code, one.reason])).toEqual([
    ["1", "cap", "its master is at its cap: 9/10"],
    ["2", "cap", "its master is at its cap: 9/10"],
  ]);
});
