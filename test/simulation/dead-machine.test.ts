import { describe, expect, test } from "vitest";
import { type DaysEnd, live } from "./schedule.ts";
import type { Site } from "./site.ts";

interface MachinesEnd extends DaysEnd {
  /** Slaves on the machine when it died, or put there before the cluster noticed. */
  readonly onMachine: number;
  /** Builds that were cut off though their slave was on a machine that lives. */
  readonly killedElsewhere: number;
  /** From the machine's death until nothing of its slaves was left, in milliseconds. */
  readonly goneAfterMs: number;
}

/** Lives through a day on which one machine of three dies in the middle of the burst. */
async function liveThroughDeath(seed: number, showsMachines = true): Promise<MachinesEnd> {
  const machine = "node-2";
  let site: Site | undefined;
  let diedAt = 0;
  let goneAt = 0;
  const disturb = (of: Site): (() => boolean) => {
    site = of;
    const { time, cluster, kubelet } = of;
    cluster.showsMachines = showsMachines;
    time.in(time.between(3_000, 25_000), () => {
      diedAt = time.now;
      kubelet.die(machine, time.between(0, 60_000));
    });
    cluster.onPod((change) => {
      if (change === "DELETED") goneAt = time.now;
    });
    return () => diedAt > 0 && cluster.machines.get(machine) === "not-ready";
  };
  const day = await live({
    seed,
    machines: 3,
    builds: 40,
    wishes: ["python", "java"],
    templates: [
      { name: "python", labels: ["python"] },
      { name: "java", labels: ["java"] },
    ],
    takesMs: [1_000, 30_000],
    disturb,
  });
  if (site === undefined) throw new Error("the day never began");
  const machines = new Map(site.records.map(({ name, life }) => [name, life.pod.node]));
  const killed = site.jenkins.core.killed();
  return {
    ...day,
    onMachine: [...machines.values()].filter((of) => of === machine).length,
    killedElsewhere: killed.filter(({ node = "" }) => machines.get(node) !== machine).length,
    goneAfterMs: goneAt - diedAt,
  };
}

/** A machine is not heard of for 45 s, its pods tolerate that for a minute, have 10 s to end and a minute to be gone. */
const noticedMs = 45_000 + 60_000 + 10_000 + 60_000;

describe("a machine dies with its pods: they are removed by force, and only what ran there is lost (H28, H29)", () => {
  test("soon, where the cluster's machines may be read", async () => {
    let lost = 0;
    for (let seed = 1; seed <= 15; seed += 1) {
      const { isOver, alive, doubled, killedElsewhere, goneAfterMs, onMachine, ...day } = await liveThroughDeath(seed);
      expect({ seed, isOver, alive, doubled, killedElsewhere }).toEqual({
        seed,
        isOver: true,
        alive: 0,
        doubled: 0,
        killedElsewhere: 0,
      });
      expect(day.launched).toBe(day.served + day.failed + day.withdrawn);
      expect(goneAfterMs).toBeLessThan(noticedMs + 30_000);
      lost += onMachine;
    }
    expect(lost).toBeGreaterThan(15);
  });

  test("ten minutes later, where they may not", async () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const { isOver, killedElsewhere, goneAfterMs } = await liveThroughDeath(seed, false);
      expect({ seed, isOver, killedElsewhere }).toEqual({ seed, isOver: true, killedElsewhere: 0 });
      expect(goneAfterMs).toBeGreaterThan(10 * 60_000);
      expect(goneAfterMs).toBeLessThan(noticedMs + 10 * 60_000);
    }
  });
});
