import { keys } from "@kubestack/contracts";
import { nothing } from "@kubestack/demand";
import { expect, test, vi } from "vitest";
import { Bed, type Process, until } from "../bed.fixture.ts";
import type { World } from "../world.fixture.ts";
import { SharedCaps } from "./shared-caps.ts";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const bed = new Bed("capped");
const cap = 3;
const items = 10;

/** What both masters' clusters have together, noted at each pod that is made. */
function counting(worlds: readonly World[]): { most: number; of(world: World): World["cluster"]["cluster"] } {
  const counted = {
    most: 0,
    of: ({ cluster: { cluster } }: World): World["cluster"]["cluster"] => ({
      ...cluster,
      createPod: async (...how) => {
        const made = await cluster.createPod(...how);
        counted.most = Math.max(
          counted.most,
          worlds.reduce((sum, world) => sum + world.cluster.pods.size, 0),
        );
        return made;
      },
    }),
  };
  return counted;
}

test("two supervisors under one cap on a real NATS never pass it, and both masters get all their builds", async () => {
  const worlds = [bed.newWorld(), bed.newWorld()] as const;
  const masters = worlds.map(({ name }) => name);
  const capsOf = ({ bus }: Process): SharedCaps => {
    const caps = new SharedCaps({ bus, usedBy: async () => nothing });
    caps.change({ caps: { slaves: cap }, masters });
    return caps;
  };
  const [one, two] = [bed.one, bed.two].map((process) => ({ process, sharedCaps: capsOf(process) })) as [Of, Of];
  const count = counting(worlds);
  const start = (world: World, { process, sharedCaps }: Of) =>
    bed.started(world, { process, changed: { sharedCaps, cluster: count.of(world) } });
  for (const world of worlds) {
    for (let item = 1; item <= items; item += 1) world.wants(String(item));
    await bed.collected(world);
  }
  const first = start(worlds[0], one);
  start(worlds[1], two);
  // In the middle of it all the first master goes to the other process.
  await until(() => expect(worlds[0].ran.length).toBeGreaterThan(2), 30_000);
  first.lease.take();
  start(worlds[0], two);
  await until(() => expect(worlds.map(({ ran }) => ran.length)).toEqual([items, items]), 60_000);
  expect(count.most).toBe(cap);
  for (const world of worlds) await bed.isOver(world, items);
  await until(async () => {
    const { lines = {} } = (await bed.one.bus.sharedCaps.get(keys.sharedCaps))?.value ?? {};
    expect(masters.map((name) => [lines[name]?.used.slaves, lines[name]?.want.slaves])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

interface Of {
  readonly process: Process;
  readonly sharedCaps: SharedCaps;
}
