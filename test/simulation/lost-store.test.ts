import { describe, expect, test } from "vitest";
import { type LostStore, type LostStoresEnd, liveThroughLoss } from "./lost-store.ts";

const seeds = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

async function liveAll(days: Omit<LostStore, "seed">, count: number): Promise<LostStoresEnd[]> {
  const ends: LostStoresEnd[] = [];
  for (const seed of seeds(count)) ends.push(await liveThroughLoss({ ...days, seed }));
  return ends;
}

describe("NATS's store is lost or put back in the middle of a burst (H37)", () => {
  test.each<[string, Omit<LostStore, "seed">]>([
    ["wiped under running services", { how: "wiped" }],
    ["put back under running services", { how: "put back" }],
    ["wiped while nothing runs", { how: "wiped", whileStopped: true }],
    ["put back while nothing runs", { how: "put back", whileStopped: true }],
    ["wiped, and a third of the slaves fail", { how: "wiped", failing: 0.3 }],
    ["put back, news unruly", { how: "put back", messages: { lost: 0.1, doubled: 0.2, delayed: 0.1 } }],
  ])("%s: no build is killed, later builds are served, and nothing is left", async (_, days) => {
    const ends = await liveAll(days, 8);
    expect(
      ends.map(({ isOver, killed, doubled, alive, servedAfter }) => ({ isOver, killed, doubled, alive, servedAfter })),
    ).toEqual(ends.map(() => ({ isOver: true, killed: 0, doubled: 0, alive: 0, servedAfter: true })));
    // Nobody launches anything while another store may have the installation.
    if (days.how === "wiped")
      expect(Math.min(...ends.map(({ launchedAfterMs }) => launchedAfterMs))).toBeGreaterThan(30_000);
    // The days are real ones: builds ran.
    expect(ends.reduce((sum, { runningThen }) => sum + runningThen, 0)).toBeGreaterThan(8);
  });

  test.each<[string, Omit<LostStore, "seed">]>([
    ["under running services", { how: "wiped", withPods: true }],
    ["while nothing runs", { how: "wiped", withPods: true, whileStopped: true }],
  ])("with all pods, %s: the nodes that are left go, though no record and no pod tells of them", async (_, days) => {
    const ends = await liveAll(days, 4);
    expect(ends.map(({ isOver, alive, servedAfter }) => ({ isOver, alive, servedAfter }))).toEqual(
      ends.map(() => ({ isOver: true, alive: 0, servedAfter: true })),
    );
  });

  test("the control: where pods do not tell whose they are, they are left", async () => {
    const ends = await liveAll({ how: "wiped", hidesMarks: true }, 3);
    expect(ends.map(({ isOver }) => isOver)).toContain(false);
  });
});
