import { commands } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { type Blow, strike } from "./interrupted-builds.ts";
import { type Site, serviceNames } from "./site.ts";
import { Process } from "./virtual-time.ts";

/** What becomes of builds: docs/pipelines.md has a row for each of these, with the times that are checked here. */
const second = 1_000;
const minute = 60 * second;
/** From a blow until the services have done what is theirs to do, where nothing has a clock of its own. */
const promptMs = 3 * second;
/** From a queue item to its build on a slave, where pods start within three seconds. */
const launchMs = 10 * second;

const each = (act: (site: Site, slave: string) => void): Blow["befall"] => {
  return (site, slaves) => {
    for (const slave of slaves) act(site, slave);
  };
};
const disrupted = { conditions: [{ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" }] };
const evict = each(({ cluster }, slave) => cluster.goes(slave, { graceSeconds: 30, status: disrupted }));
const cutOff = each(({ kubelet }, slave) => kubelet.cutOff(slave, 0));

/** Within how many milliseconds after the blow the pipeline's block ends, and nothing is left of its slave. */
interface Loss {
  readonly ends: readonly [least: number, most: number];
  readonly slaveGone: number;
  /** What its record says that it was lost by, and what the master was told; absent: the end of its build. */
  readonly by?: readonly [failure: string, told: RegExp];
}

const evicted = ["evicted", /the pod was evicted, as when its node is drained/] as const;

describe("builds whose slave is lost: both end, the pipeline's second try runs on a slave of its own, and nothing is left", () => {
  test.each<[string, Blow, Loss]>([
    [
      "its pod is evicted, preempted or deleted",
      { befall: evict },
      { ends: [5 * minute, 5 * minute + promptMs], slaveGone: promptMs, by: evicted },
    ],
    [
      "its pod is out of the store at once",
      { befall: each(({ cluster }, slave) => cluster.remove(slave, cluster.pods.get(slave)?.metadata.uid ?? "")) },
      { ends: [5 * minute, 5 * minute + promptMs], slaveGone: promptMs, by: ["pod-deleted", /pod/] },
    ],
    [
      "its agent's container ends, out of memory for example",
      { befall: each(({ kubelet }, slave) => kubelet.crash(slave, { exitCode: 137, reason: "OOMKilled" })) },
      {
        ends: [5 * minute, 5 * minute + promptMs],
        slaveGone: promptMs,
        by: ["out-of-memory", /killed for want of memory: it reached its limit/],
      },
    ],
    [
      "its machine dies",
      {
        machines: 5,
        befall: each(({ kubelet, records }, slave) => {
          kubelet.die(records.find(({ name }) => name === slave)?.life.pod.node ?? "", 0);
        }),
      },
      {
        ends: [5 * minute, 5 * minute + promptMs],
        slaveGone: 3 * minute,
        by: ["node-lost", /its node is unreachable/],
      },
    ],
    [
      "its agent does not reach the master any more",
      { befall: cutOff },
      { ends: [5 * minute, 5 * minute + promptMs], slaveGone: 5 * minute + promptMs },
    ],
    [
      "its agent does not, and the master finds out nine minutes later only",
      { befall: each(({ kubelet }, slave) => kubelet.cutOff(slave, 9 * minute)) },
      { ends: [14 * minute, 14 * minute + promptMs], slaveGone: 14 * minute + promptMs },
    ],
    [
      "its agent does not, and it may run further builds",
      { befall: cutOff, templates: [{ name: "a", labels: ["a"], builds: 2 }] },
      {
        ends: [5 * minute, 5 * minute + promptMs],
        slaveGone: 2 * minute + 5 * second,
        by: ["agent-lost", /the agent was lost and did not come back in time/],
      },
    ],
    [
      "configuration as code drops its node",
      { knowsKeepProperty: false, befall: ({ jenkins: { core } }) => core.reloadConfiguration([]) },
      { ends: [5 * minute, 5 * minute + promptMs], slaveGone: 2 * minute + 5 * second },
    ],
    [
      "its pod is evicted, and its node is the Swarm plugin's",
      { attach: "swarm", befall: evict },
      { ends: [5 * minute, 5 * minute + promptMs], slaveGone: promptMs, by: evicted },
    ],
    [
      "its pod is evicted, and the master gives nodes one minute to come back",
      { nodeTimeoutMs: minute, befall: evict },
      { ends: [minute, minute + promptMs], slaveGone: promptMs, by: evicted },
    ],
    [
      "its agent does not reach the master any more, which gives nodes one minute to come back",
      { nodeTimeoutMs: minute, befall: cutOff },
      { ends: [minute, minute + promptMs], slaveGone: minute + promptMs },
    ],
  ])("%s", async (_, blow, { ends, slaveGone, by }) => {
    const { isOver, doubled, fates } = await strike(blow);
    expect({ isOver, doubled }).toEqual({ isOver: true, doubled: 0 });
    const { freestyle, pipeline } = fates;
    const noticedMs = ends[0] - (blow.nodeTimeoutMs ?? 5 * minute);
    expect(freestyle.ended).toMatch(/^(node-deleted|agent-lost|configuration-reload): (ABORTED|FAILURE)$/);
    expect(freestyle.endedAfterMs).toBeLessThanOrEqual(noticedMs + promptMs);
    expect(pipeline.ended).toMatch(/^(node-deleted|agent-lost|configuration-reload): ABORTED$/);
    expect(pipeline.endedAfterMs).toBeGreaterThanOrEqual(ends[0]);
    expect(pipeline.endedAfterMs).toBeLessThanOrEqual(ends[1]);
    expect(pipeline.slaveGoneAfterMs).toBeLessThanOrEqual(slaveGone);
    expect((pipeline.triedAgainAfterMs ?? Number.NaN) - pipeline.endedAfterMs).toBeLessThan(launchMs);
    expect([freestyle.triedAgainAfterMs, pipeline.result]).toEqual([null, "SUCCESS"]);
    // Of a machine the master hears sooner than the cluster: a freestyle build is over then, and its slave leaves for that.
    const lost = blow.machines === undefined ? [freestyle, pipeline] : [pipeline];
    for (const { lostBy, toldMaster } of by === undefined ? [] : lost) {
      expect(lostBy).toBe(by?.[0]);
      expect(toldMaster).toMatch(by?.[1] ?? /./);
    }
  });
});

/** Does something with a connection of a person's own. */
function asked(site: Site, ask: (bus: ReturnType<Site["nats"]["connect"]>) => Promise<unknown>): void {
  const person = new Process("person");
  const bus = site.nats.connect(person);
  site.time.as(person, () => void ask(bus));
}

/** Undoes after ten minutes what it does now. */
const forTenMinutes = (begin: (site: Site) => void, end: (site: Site) => void): Blow["befall"] => {
  return (site) => {
    begin(site);
    site.time.apart(() => site.time.in(10 * minute, () => end(site)));
  };
};

/** Slaves that would stay after a build, were they not to go. */
const lasting = [{ name: "a", labels: ["a"], builds: 0, idleTimeout: "1h" }];

describe("builds go on to their end, and their slaves leave soon after it", () => {
  test.each<[string, Blow]>([
    [
      "their master is drained",
      {
        templates: lasting,
        befall: (site) =>
          asked(site, (bus) => {
            const order = { master: "m", wants: "drain", by: "ann", reason: "" } as const;
            return bus.request(commands.orderMaster, order, { master: "m" });
          }),
      },
    ],
    [
      "their slaves are drained",
      {
        templates: lasting,
        befall: (site, slaves) =>
          asked(site, async (bus) => {
            for (const slave of slaves) {
              const of = { master: "m", slave, reason: "ann wants it" };
              await bus.request(commands.drainSlave, of, { master: "m" });
            }
          }),
      },
    ],
    [
      "configuration as code is read anew, and keeps their nodes",
      { befall: ({ jenkins: { core } }) => core.reloadConfiguration([]) },
    ],
    [
      "all of KubeStack is away for ten minutes",
      {
        befall: forTenMinutes(
          (site) => {
            for (const name of serviceNames) site.kill(name);
          },
          (site) => void site.start(),
        ),
      },
    ],
    [
      "their supervisor dies, and another one takes over",
      {
        befall: (site) => {
          const first = site.process("slave-supervisor");
          void site.time.apart(() => site.startAnother("slave-supervisor"));
          site.time.apart(() => site.time.in(10 * second, () => site.time.kill(first)));
        },
      },
    ],
    [
      "NATS is away for ten minutes",
      {
        befall: forTenMinutes(
          ({ nats }) => {
            nats.isAway = true;
          },
          ({ nats }) => {
            nats.isAway = false;
          },
        ),
      },
    ],
    ["NATS loses its store", { befall: ({ nats }) => nats.wipe() }],
    [
      "the API server is away for ten minutes",
      {
        befall: forTenMinutes(
          ({ cluster }) => {
            cluster.isAway = true;
            cluster.cutWatches();
          },
          ({ cluster }) => {
            cluster.isAway = false;
          },
        ),
      },
    ],
    [
      "the master answers KubeStack nothing for ten minutes",
      {
        befall: forTenMinutes(
          (site) => {
            site.masterFault = () => "unreachable";
          },
          (site) => {
            site.masterFault = undefined;
          },
        ),
      },
    ],
  ])("%s", async (_, blow) => {
    const endMs = 20 * minute;
    const { isOver, doubled, fates } = await strike({ ...blow, endMs });
    expect({ isOver, doubled }).toEqual({ isOver: true, doubled: 0 });
    for (const fate of Object.values(fates)) {
      expect(fate).toMatchObject({ ended: "itself: SUCCESS", result: "SUCCESS", triedAgainAfterMs: null });
      expect(fate.slaveGoneAfterMs - endMs).toBeLessThan(promptMs);
    }
  });

  test("an agent's connection that breaks for a moment: a pipeline does, a freestyle build is lost", async () => {
    const { isOver, fates } = await strike({
      befall: each(({ jenkins: { core } }, slave) => core.disconnect(slave)),
    });
    expect(isOver).toBe(true);
    expect(fates.pipeline).toMatchObject({ ended: "itself: SUCCESS", triedAgainAfterMs: null });
    expect(fates.freestyle).toMatchObject({ ended: "agent-lost: FAILURE", endedAfterMs: 0 });
  });
});

describe("the master is started anew: the freestyle build ends, and the pipeline goes on on its own slave", () => {
  const downMs = minute;
  const restart: Blow["befall"] = ({ jenkins: { core } }) => core.restart({ downMs });
  const dropsAtStart: Blow["befall"] = (site, slaves) => {
    site.jenkins.core.subscribe(({ kind }) => {
      if (kind === "restarted") site.time.apart(() => site.time.in(0, () => site.jenkins.core.reloadConfiguration([])));
    });
    restart(site, slaves);
  };
  test.each<[string, Blow, number]>([
    ["and keeps its nodes", { befall: restart }, 15 * second],
    ["and configuration as code drops them at its start", { knowsKeepProperty: false, befall: dropsAtStart }, minute],
    [
      "and has loaded its pipelines 45 seconds later only",
      { befall: ({ jenkins: { core } }) => core.restart({ downMs, pipelinesAfterMs: 45 * second }) },
      75 * second,
    ],
  ])("%s", async (_, blow, withinMs) => {
    const { isOver, doubled, fates } = await strike(blow);
    expect({ isOver, doubled }).toEqual({ isOver: true, doubled: 0 });
    expect(fates.freestyle).toMatchObject({ ended: "restart: ABORTED", endedAfterMs: 0 });
    expect(fates.freestyle.slaveGoneAfterMs).toBeLessThan(downMs + 2 * minute);
    expect(fates.pipeline).toMatchObject({ ended: "itself: SUCCESS", triedAgainAfterMs: null });
    expect((fates.pipeline.wentOnAfterMs ?? Number.NaN) - downMs).toBeLessThan(withinMs);
  });

  test("the control: where no slave can be put back online the block is given up, and its second try gets another one", async () => {
    const { fates } = await strike({ befall: restart, keepsMarks: true });
    expect(fates.pipeline).toMatchObject({ ended: "node-missing: ABORTED", result: "SUCCESS" });
    expect(fates.pipeline.endedAfterMs).toBe(downMs + 5 * minute);
  });
});
