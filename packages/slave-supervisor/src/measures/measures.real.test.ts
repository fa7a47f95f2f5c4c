import { createMeter } from "@kubestack/metrics";
import { readExposition, type Told } from "@kubestack/metrics/testing";
import { expect, test, vi } from "vitest";
import { Bed, type Process, until } from "../bed.fixture.ts";
import type { World } from "../world.fixture.ts";
import { MasterMeasures } from "./master-measures.ts";

vi.setConfig({ testTimeout: 60_000 });

const bed = new Bed("measured");

/** A supervisor whose process counts what it does. */
function measured(world: World, process: Process) {
  const meter = createMeter();
  const measures = new MasterMeasures(meter, world.name, ["python"]);
  const { supervisor, lease } = bed.started(world, { process, changed: { measures } });
  const told = async (): Promise<Told> => readExposition(await meter.text());
  return { supervisor, lease, told };
}

const states = ["requested", "scheduled", "online", "busy", "draining"] as const;
const aliveIn = (told: Told) => states.map((state) => told.sum("kubestack_slaves", { state }));

test("each process counts what it did itself, and over all of them launches are served, failed, withdrawn or alive", async () => {
  const world = bed.newWorld();
  await bed.collected(world);
  const one = measured(world, bed.one);
  await until(() => expect(one.supervisor.status().state).toBe("ok"));
  const atFirst = await one.told();
  expect(aliveIn(atFirst)).toEqual([0, 0, 0, 0, 0]);
  for (const name of [
    "launches_total",
    "launch_outcomes_total",
    "duplicate_launches_total",
    "shared_slave_builds_total",
  ])
    expect(atFirst.sum(`kubestack_${name}`)).toBe(0);
  expect(atFirst.sum("kubestack_takeovers_total")).toBe(1);
  expect(atFirst.sum("kubestack_round_age_seconds")).toBeLessThan(5);
  await until(async () => expect((await one.told()).sum("kubestack_resync_duration_seconds_count")).toBeGreaterThan(0));

  for (const id of ["1", "2", "3"]) world.wants(id);
  await bed.isOver(world, 3);
  await until(async () =>
    expect((await one.told()).sum("kubestack_launch_outcomes_total", { outcome: "served" })).toBe(3),
  );
  const ofOne = await one.told();
  expect(ofOne.sum("kubestack_launches_total", { master: world.name, template: "python" })).toBe(3);
  expect(ofOne.sum("kubestack_builds_total")).toBe(3);
  for (const state of ["scheduled", "online", "busy"])
    expect(ofOne.sum("kubestack_item_to_state_seconds_count", { state })).toBe(3);

  // Two more are launched; their builds go on under the next owner.
  world.wants("4");
  world.wants("5");
  await until(() => expect(world.ran).toHaveLength(5));
  world.isFrozen = true;
  await until(async () => expect(aliveIn(await one.told())).toEqual([0, 0, 0, 2, 0]));
  const ofTwo = await one.told();
  expect(ofTwo.sum("kubestack_cap_used", { resource: "slaves" })).toBe(2);
  expect(ofTwo.sum("kubestack_cap_used", { resource: "cpu" })).toBe(1);
  expect(ofTwo.sum("kubestack_cap", { resource: "slaves" })).toBe(100);
  expect(ofTwo.sum("kubestack_cap", { resource: "memory" })).toBeUndefined();
  one.lease.take();
  const two = measured(world, bed.two);
  await until(() => expect(two.supervisor.status().state).toBe("ok"));
  expect((await one.told()).sum("kubestack_slaves")).toBeUndefined();
  expect(aliveIn(await two.told())).toEqual([0, 0, 0, 2, 0]);
  world.isFrozen = false;
  await bed.isOver(world, 5);
  await until(async () =>
    expect((await two.told()).sum("kubestack_launch_outcomes_total", { outcome: "served" })).toBe(2),
  );
  const both = [await one.told(), await two.told()];
  expect(both.map((told) => told.sum("kubestack_launches_total"))).toEqual([5, 0]);
  expect(both.map((told) => told.sum("kubestack_launch_outcomes_total"))).toEqual([3, 2]);
  expect(both.map((told) => told.sum("kubestack_duplicate_launches_total"))).toEqual([0, 0]);
});

test("a second pod of a slave is a duplicate launch; a stranger's pod is none", async () => {
  const world = bed.newWorld();
  await bed.collected(world);
  const { supervisor, told } = measured(world, bed.one);
  await until(() => expect(supervisor.status().state).toBe("ok"));
  world.wants("1");
  await until(() => expect(world.ran).toHaveLength(1));
  world.isFrozen = true;
  const [pod] = [...world.cluster.pods.values()];
  const { name = "", annotations = {} } = pod?.metadata ?? {};
  world.cluster.put({ ...pod, metadata: { ...pod?.metadata, name: `${name}-strange`, annotations: {} } });
  expect((await told()).sum("kubestack_duplicate_launches_total")).toBe(0);
  world.cluster.put({ ...pod, metadata: { ...pod?.metadata, name: `${name}-again`, annotations } });
  expect((await told()).sum("kubestack_duplicate_launches_total", { kind: "pod" })).toBe(1);
  world.cluster.set(`${name}-again`, { phase: "Running" });
  expect((await told()).sum("kubestack_duplicate_launches_total")).toBe(1);
  world.isFrozen = false;
});

test("a template that is held and a brake that holds are told", async () => {
  const world = bed.newWorld();
  await bed.collected(world);
  const meter = createMeter();
  const measures = new MasterMeasures(meter, world.name, ["python"]);
  const { supervisor } = bed.started(world, { changed: { measures, launchesPerMinute: 1 } });
  const told = async () => readExposition(await meter.text());
  await until(() => expect(supervisor.status().state).toBe("ok"));
  const before = await told();
  expect([before.sum("kubestack_brake_engaged"), before.sum("kubestack_template_held")]).toEqual([0, 0]);
  world.wants("1");
  await until(() => expect(world.cluster.created).toHaveLength(1));
  world.isFrozen = true;
  world.cluster.set(world.cluster.created[0] ?? "", { phase: "Failed", reason: "Evicted" });
  await until(async () => {
    const now = await told();
    expect([now.sum("kubestack_brake_engaged"), now.sum("kubestack_template_held", { template: "python" })]).toEqual([
      1, 1,
    ]);
  });
  world.queue = [];
  world.isFrozen = false;
  await until(async () => expect((await told()).sum("kubestack_launch_outcomes_total", { outcome: "failed" })).toBe(1));
});
