import { quantile, type Ratio, rounded } from "../../measure.ts";
import { type Build, buildsOf } from "./builds.ts";
import { fixed, ours, type Policy, reactive } from "./policies.ts";
import { type CloudPool, hourMs, type Outcome, secondMs, World } from "./world.ts";

const GiB = 2 ** 30;

function cloudPool(name: string, cpu: number, of: Partial<CloudPool>): CloudPool {
  return {
    name,
    nodeLabels: { pool: name },
    taints: [],
    shape: { cpu: cpu * 1000, memory: cpu * 4 * GiB, pods: 58 },
    ...{
      min: 0,
      max: 100,
      pricePerHour: 0.05 * cpu,
      isSpot: false,
      lossPerHour: 0,
      bootMs: [60 * secondMs, 110 * secondMs],
    },
    ...{ deliverWithinMs: 240 * secondMs, scaleDownDelayMs: 300 * secondMs, disruptionBudget: 10 },
    ...of,
  };
}

/** Spot is cheap, takes longer, is taken away at times, and of one size there is none over noon. */
const pools: readonly CloudPool[] = [
  cloudPool("spot-large", 16, {
    isSpot: true,
    pricePerHour: 0.3,
    lossPerHour: 0.04,
    outOfStock: [11, 13],
    bootMs: [80 * secondMs, 150 * secondMs],
  }),
  cloudPool("spot-small", 8, {
    isSpot: true,
    pricePerHour: 0.17,
    lossPerHour: 0.04,
    bootMs: [80 * secondMs, 150 * secondMs],
  }),
  cloudPool("large", 16, {}),
  cloudPool("small", 4, {}),
];
const steady = "large";

/** What a way to have nodes costs, and what it makes builds wait. */
export interface DayResult extends Omit<Outcome, "waits"> {
  readonly name: string;
  readonly meanWaitMs: number;
  readonly p95WaitMs: number;
}

interface Hours {
  readonly from: number;
  readonly to: number;
}

/** The same hours of the same days, with nodes had in each of these ways. A day for each seed. */
export function compareDays(
  hours: Hours,
  seeds: readonly number[],
): readonly [ours: DayResult, ...others: DayResult[]] {
  const days = seeds.map((seed) => buildsOf(hours, seed));
  const live = (name: string, policy: () => Policy) =>
    resultOf(
      name,
      days.map((builds) => lived(policy(), builds, hours)),
    );
  const mine = live("from plans, by KubeStack", () => ours(pools));
  const pods = live("from pods that found no node", () => reactive(pools));
  const load = days.flat().reduce((sum, { needs, ms }) => sum + (needs.requests.cpu ?? 0) * ms, 0) / days.length;
  const average = Math.ceil(load / ((hours.to - hours.from) * hourMs) / 16_000);
  const none = live(`no autoscaling, ${average} nodes for the average`, () => fixed(steady, average));
  for (let count = average; ; count += 1) {
    const size = live(`fixed size, ${count} nodes`, () => fixed(steady, count));
    if (size.p95WaitMs <= mine.p95WaitMs || count > 100) return [mine, pods, size, none];
  }
}

function lived(policy: Policy, builds: readonly Build[], { from, to }: Hours): Outcome {
  const world = new World(pools, builds, from);
  const end = (to - from) * hourMs;
  while (world.now < end || (!world.isOver && world.now < 2 * end)) {
    world.tick();
    policy(world);
  }
  return world.outcome;
}

function resultOf(name: string, outcomes: readonly Outcome[]): DayResult {
  const waits = outcomes.flatMap((one) => one.waits);
  const mean = (of: (one: Outcome) => number) => outcomes.reduce((sum, one) => sum + of(one), 0) / outcomes.length;
  return {
    name,
    cost: mean(({ cost }) => cost),
    idleNodeHours: mean(({ idleNodeHours }) => idleNodeHours),
    lost: mean(({ lost }) => lost),
    meanWaitMs: waits.reduce((sum, one) => sum + one, 0) / waits.length,
    p95WaitMs: quantile(waits, 0.95),
  };
}

/** One line for people. */
export function printDay({ name, cost, meanWaitMs, p95WaitMs, idleNodeHours, lost }: DayResult): string {
  const seconds = (ms: number) => `${Math.round(ms / secondMs)} s`;
  return `${name}: cost ${cost.toFixed(2)}, waits ${seconds(meanWaitMs)} in the mean and ${seconds(p95WaitMs)} at 95 %, ${idleNodeHours.toFixed(1)} idle node-hours, ${lost.toFixed(1)} builds lost with their nodes`;
}

/** So many days of a site: dearer, or with longer waits, than what sees pods only, or dearer than a fixed size with the same waits, is over the limit. */
export function benchCapacityDay(tell: (line: string) => void): Ratio[] {
  const results = compareDays({ from: 0, to: 24 }, [5, 6, 7]);
  for (const result of results) tell(printDay(result));
  const [mine, pods, size] = results;
  if (pods === undefined || size === undefined) throw new Error("a day was not lived");
  const against = (name: string, figure: "cost" | "meanWaitMs" | "p95WaitMs", other: DayResult): Ratio => ({
    name,
    ratio: rounded(mine[figure] / other[figure]),
    limit: 1,
    figures: { ours: rounded(mine[figure]), theirs: rounded(other[figure]) },
  });
  return [
    against("a day's nodes, against nodes from pods that found none: cost", "cost", pods),
    against("a day's nodes, against nodes from pods that found none: waits in the mean", "meanWaitMs", pods),
    against("a day's nodes, against nodes from pods that found none: waits at 95 %", "p95WaitMs", pods),
    against("a day's nodes, against a fixed size with the same waits: cost", "cost", size),
  ];
}
