import { afterEach, describe, expect, test } from "vitest";
import { Site } from "./site.ts";

const sites: Site[] = [];
afterEach(() => {
  for (const site of sites.splice(0).reverse()) site.end();
});

const python = { name: "python", labels: ["python"] };
const java = { name: "java", labels: ["java"] };

function site(options: ConstructorParameters<typeof Site>[0]): Site {
  const made = new Site(options);
  sites.push(made);
  return made;
}

/** Lets builds of each label come to the master, all in half a minute. */
function burst({ time, jenkins: { core } }: Site, labels: readonly string[], count: number): void {
  for (const label of labels)
    core.createJob({ name: label, label, durationMs: [1_000, 40_000], parameters: { N: "0" } });
  for (let number = 1; number <= count; number += 1)
    for (const label of labels)
      time.in(time.between(0, 30_000), () => void core.build(label, { parameters: { N: String(number) } }));
}

const isQuiet = ({ jenkins: { core } }: Site): boolean =>
  core.items().length === 0 && core.works().every(({ endedAtMs }) => endedAtMs !== null);
const ran = ({ jenkins: { core } }: Site): number =>
  core.works().filter(({ startedAtMs }) => startedAtMs !== null).length;

describe("two installations with one cluster, one namespace and one master (H39)", () => {
  test("are both served, and neither touches what is the other's, though one loses its store", async () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const one = site({ seed, templates: [python], install: "one", anchors: "off" });
      const two = site({ seed, templates: [java], install: "two", anchors: "off", beside: one });
      await one.start();
      await two.start();
      burst(one, ["python", "java"], 15);
      one.time.in(20_000, () => two.nats.wipe());
      const isOver = await one.time.run(
        30 * 60_000,
        () => one.time.now > 60_000 && isQuiet(one) && one.isEmpty && two.isEmpty,
      );
      const killed = one.jenkins.core.killed().length;
      expect({ seed, isOver, ran: ran(one), killed, leases: [...one.cluster.leases.keys()] }).toEqual({
        seed,
        isOver: true,
        ran: 30,
        killed: 0,
        leases: ["kubestack-one", "kubestack-two"],
      });
      expect(one.records).toHaveLength(15);
      expect(one.records.every(({ life, labels }) => life.outcome === "served" && labels.includes("python"))).toBe(
        true,
      );
      for (const ended of sites.splice(0).reverse()) ended.end();
    }
  });
});

describe("one installation with two stores (H38)", () => {
  test("one of them serves, the other does nothing until the first is gone for a minute", async () => {
    const one = site({ seed: 1, templates: [python], anchors: "off" });
    const two = site({ seed: 1, templates: [python], anchors: "off", beside: one });
    await one.start();
    await two.start();
    burst(one, ["python"], 20);
    expect(await one.time.run(20 * 60_000, () => one.time.now > 60_000 && isQuiet(one) && one.isEmpty)).toBe(true);
    expect([ran(one), one.jenkins.core.killed().length, two.records.length]).toEqual([20, 0, 0]);
    expect([...one.cluster.created.values()].flat()).toHaveLength(one.records.length);
    // The first dies in the midst of its work: what it left is found, and served on.
    for (let number = 21; number <= 30; number += 1)
      one.jenkins.core.build("python", { parameters: { N: String(number) } });
    await one.time.run(8_000);
    for (const name of ["slave-supervisor", "demand-collector", "completion-collector"] as const) one.kill(name);
    const diedAt = one.time.now;
    expect(one.cluster.pods.size).toBeGreaterThan(0);
    expect(await one.time.run(20 * 60_000, () => isQuiet(one) && two.isEmpty && one.cluster.pods.size === 0)).toBe(
      true,
    );
    expect([ran(one), one.jenkins.core.killed().length]).toEqual([30, 0]);
    const births = two.records.map(({ life }) => (life.trail[0]?.at ?? 0) - Date.UTC(2026, 0, 1));
    expect(Math.min(...births) - diedAt).toBeGreaterThan(35_000);
  });
});
