import { expect, test } from "vitest";
import { strike } from "./interrupted-builds.ts";
import type { Site } from "./site.ts";

const second = 1_000;
const minute = 60 * second;
const endMs = 10 * minute;
const disrupted = { conditions: [{ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" }] };

/** Loses a pod in one way or another. */
function lose({ time, cluster, kubelet }: Site, name: string): void {
  const uid = cluster.pods.get(name)?.metadata.uid;
  if (uid === undefined) return;
  const ways = [
    () => cluster.goes(name, { graceSeconds: 30, status: disrupted }),
    () => cluster.goes(name, { graceSeconds: 5 }),
    () => cluster.remove(name, uid),
    () => kubelet.crash(name, { exitCode: 137, reason: "OOMKilled" }),
  ];
  ways[Math.floor(time.random() * ways.length)]?.();
}

/** What else happens while pods are lost again and again: supervisors die, the master is started anew, builds come that want the same label. */
function trouble(site: Site, seed: number): void {
  const { time, jenkins } = site;
  const { core } = jenkins;
  for (let death = 0; death < 4; death += 1)
    time.in(time.between(0, 150 * second), () => {
      site.kill("slave-supervisor");
      time.in(second / 2, () => void site.start("slave-supervisor"));
    });
  if (seed % 3 === 0)
    time.in(time.between(0, minute), () => core.restart({ downMs: 20 * second, pipelinesAfterMs: 5 * second }));
  for (let build = 0; build < 5; build += 1)
    time.in(time.between(0, 100 * second), () => {
      core.createJob({ name: `other-${build}`, label: "a", durationMs: 5 * second });
      core.build(`other-${build}`);
    });
}

test("a pipeline that loses its pod three times, of three that may follow, goes on to its end whatever else happens; each slave is one launch", async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { isOver, doubled, mostPods, counted, fates } = await strike({
      ...{ seed, endMs, handOffMs: 50, machines: 4, templates: [{ name: "a", labels: ["a"], relaunch: 3 }] },
      befall: (site, slaves) => {
        const { time } = site;
        time.apart(() => {
          for (const slave of slaves) {
            lose(site, slave);
            time.in(time.between(80 * second, 110 * second), () => lose(site, `${slave}-2`));
            time.in(time.between(120 * second, 150 * second), () => lose(site, `${slave}-3`));
          }
          trouble(site, seed);
        });
      },
    });
    expect({ seed, isOver, doubled, mostPods }).toEqual({ seed, isOver: true, doubled: 0, mostPods: 1 });
    const { ended, pods, triedAgainAfterMs, lostBy } = fates.pipeline;
    expect({ seed, ended, pods, triedAgainAfterMs, lostBy }).toEqual({
      ...{ seed, ended: "itself: SUCCESS", pods: 4, triedAgainAfterMs: null, lostBy: null },
    });
    expect(counted.launches).toBe(counted.outcomes);
  }
});
