import type { Bus } from "@kubestack/bus";
import { keys } from "@kubestack/contracts";
import { outstanding } from "@kubestack/slave";
import { expect, test, vi } from "vitest";
import { Bed, until } from "./bed.fixture.ts";
import { collect } from "./world.fixture.ts";

vi.setConfig({ testTimeout: 120_000 });

const bed = new Bed("many");
const count = 2_000;
/** Names of jobs as multibranch pipelines have them. */
const job = (id: string) =>
  `organisation/department/team-${Number(id) % 17}/service-${id}/feature%2F${id}-a-long-name-of-a-branch`;

test("two thousand slaves are taken over at once, and nothing is made or removed by it", async () => {
  const world = bed.newWorld();
  const items = world.items.bind(world);
  world.items = () =>
    items().map((item) => ({
      ...item,
      job: job(item.id),
      url: `https://ci.example.org/job/${job(item.id).replaceAll("/", "/job/")}/`,
    }));
  const collector = collect(world, bed.collecting.bus, bed.collecting.service, 1_000);
  await bed.collecting.service.known();
  bed.ends.push(collector.stop);
  for (let id = 1; id <= count; id += 1) world.wants(String(id));
  const changed = { maxSlaves: 5_000, launchesPerMinute: 100_000, nodeOpsPerSecond: 100_000 };
  const first = bed.started(world, { changed });
  const startedAt = performance.now();
  await until(() => expect(world.ran.length).toBe(count), 90_000);
  // The ledger's next write leaves out what is recorded.
  world.wants(String(count + 1));
  await until(() => expect(world.ran.length).toBe(count + 1));
  world.isFrozen = true;
  process.stdout.write(`launched within ${Math.round(performance.now() - startedAt)} ms\n`);
  await until(async () => {
    const records = await bed.records(world);
    const settled = records.filter(({ state, life }) => state === "busy" && outstanding(state, life).length === 0);
    expect(settled).toHaveLength(count + 1);
  }, 60_000);
  const ledger = await bed.one.bus.ledger.get(keys.ledger(world.name));
  const ledgerLength = JSON.stringify(ledger?.value).length;
  process.stdout.write(`its ledger has ${ledgerLength} characters\n`);
  // What each record holds is not in it a second time.
  expect(ledgerLength).toBeLessThan(400_000);
  first.lease.take();
  const writes: string[] = [];
  const counted = (bus: Bus): Bus => ({
    ...bus,
    slaves: {
      ...bus.slaves,
      update: (...args) => {
        writes.push(args[1].name);
        return bus.slaves.update(...args);
      },
    },
  });
  const before = [world.cluster.created.length, world.cluster.pods.size, world.attach.nodes.size];
  const since = performance.now();
  const { supervisor } = bed.started(world, { changed, process: bed.two, through: counted });
  await until(() => expect(supervisor.isOwner()).toBe(true));
  const ownerMs = performance.now() - since;
  expect([...supervisor.roster.all()]).toHaveLength(count + 1);
  await until(() => expect(supervisor.status().state).toBe("ok"));
  const okMs = performance.now() - since;
  process.stdout.write(`owner after ${Math.round(ownerMs)} ms, launches again after ${Math.round(okMs)} ms\n`);
  await collector.round();
  await collector.round();
  expect([world.cluster.created.length, world.cluster.pods.size, world.attach.nodes.size]).toEqual(before);
  expect(writes).toEqual([]);
  expect(ownerMs).toBeLessThan(2_000);
});
