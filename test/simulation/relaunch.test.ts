import { KubestackError } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { type Blow, strike } from "./interrupted-builds.ts";
import type { Site } from "./site.ts";

const second = 1_000;
const minute = 60 * second;
const promptMs = 3 * second;
/** When the builds that still run end by themselves, after the blow. */
const endMs = 4 * minute;

const followed = (relaunch: number) => [{ name: "a", labels: ["a"], relaunch }];
const each = (act: (site: Site, slave: string) => void): Blow["befall"] => {
  return (site, slaves) => {
    for (const slave of slaves) act(site, slave);
  };
};
const disrupted = { conditions: [{ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" }] };
const evict = each(({ cluster }, slave) => cluster.goes(slave, { graceSeconds: 30, status: disrupted }));
const removed = each(({ cluster }, slave) => cluster.remove(slave, cluster.pods.get(slave)?.metadata.uid ?? ""));
const wholeLoss = ({ cluster, kubelet, records }: Site, slave: string, act: "crash" | "die"): void => {
  if (act === "crash") kubelet.crash(slave, { exitCode: 137, reason: "OOMKilled" });
  else kubelet.die(records.find(({ name }) => name === slave)?.life.pod.node ?? "", 0);
  if (!cluster.pods.has(slave)) throw new Error(`pod ${slave} is not there`);
};

describe("a pipeline's slave loses its pod, and another one may follow: the block goes on, on the same node, and nothing is left", () => {
  test.each<[string, Blow, RegExp]>([
    ["its pod is evicted, preempted or deleted", { befall: evict }, /the pod was evicted/],
    ["its pod is out of the store at once", { befall: removed }, /the pod is gone/],
    [
      "its agent's container ends, out of memory for example",
      { befall: each((site, slave) => wholeLoss(site, slave, "crash")) },
      /killed for want of memory/,
    ],
    [
      "its machine dies",
      { machines: 5, befall: each((site, slave) => wholeLoss(site, slave, "die")) },
      /its node is unreachable/,
    ],
    [
      "its machine dies, and the master finds out after the next agent would have come",
      {
        machines: 5,
        befall: each(({ kubelet, records }, slave) =>
          kubelet.die(records.find(({ name }) => name === slave)?.life.pod.node ?? "", 9 * minute),
        ),
      },
      /its node is unreachable/,
    ],
  ])("%s", async (_, blow, told) => {
    const { isOver, doubled, mostPods, fates, counted } = await strike({ templates: followed(1), endMs, ...blow });
    expect({ isOver, doubled, mostPods }).toEqual({ isOver: true, doubled: 0, mostPods: 1 });
    // Each slave is one launch, whatever pods it has.
    expect(counted).toMatchObject({ launches: 2, outcomes: 2, relaunches: counted.followed });
    expect(counted.followed).toBeGreaterThan(0);
    const { freestyle, pipeline } = fates;
    expect(pipeline).toMatchObject({ ended: "itself: SUCCESS", triedAgainAfterMs: null, lostBy: null, pods: 2 });
    expect(pipeline.endedAfterMs).toBe(endMs);
    expect(pipeline.slaveGoneAfterMs - endMs).toBeLessThan(promptMs);
    expect(pipeline.toldMaster).toMatch(told);
    // It is over with its agent, and so is its slave.
    expect(freestyle.ended).toBe("agent-lost: FAILURE");
  });

  test("twice: a pod follows each", async () => {
    const { isOver, mostPods, fates } = await strike({
      templates: followed(2),
      endMs,
      befall: (site, slaves) => {
        evict(site, slaves);
        site.time.apart(() =>
          site.time.in(minute, () => {
            for (const slave of slaves) site.cluster.goes(`${slave}-2`, { status: disrupted });
          }),
        );
      },
    });
    expect({ isOver, mostPods }).toEqual({ isOver: true, mostPods: 1 });
    expect(fates.pipeline).toMatchObject({ ended: "itself: SUCCESS", triedAgainAfterMs: null, pods: 3 });
  });

  test.each<[string, (site: Site) => void]>([
    ["its master is started anew", ({ jenkins }) => jenkins.core.restart({ downMs: 30 * second })],
    [
      "the API server is away",
      ({ time, cluster }) => {
        cluster.isAway = true;
        cluster.cutWatches();
        time.in(minute, () => {
          cluster.isAway = false;
        });
      },
    ],
    ["NATS loses its store: the next pod is known again by its marks", ({ nats }) => nats.wipe()],
  ])("while %s", async (_, besides) => {
    const { isOver, mostPods, fates } = await strike({
      templates: followed(1),
      endMs: 10 * minute,
      befall: (site, slaves) => {
        evict(site, slaves);
        site.time.apart(() => site.time.in(second, () => besides(site)));
      },
    });
    expect({ isOver, mostPods }).toEqual({ isOver: true, mostPods: 1 });
    expect(fates.pipeline).toMatchObject({ ended: "itself: SUCCESS", triedAgainAfterMs: null, pods: 2 });
  });
});

describe("the block ends, and its next try gets another slave,", () => {
  test.each<[string, Blow, string]>([
    [
      "where more pods are lost than may follow",
      {
        templates: followed(1),
        befall: (site, slaves) => {
          evict(site, slaves);
          site.time.apart(() =>
            site.time.in(minute, () => {
              for (const slave of slaves) site.cluster.goes(`${slave}-2`, { status: disrupted });
            }),
          );
        },
      },
      "evicted",
    ],
    [
      "where the next pod is refused",
      {
        templates: followed(1),
        befall: (site, slaves) => {
          site.cluster.refusal = ({ metadata }) =>
            metadata?.name?.endsWith("-2") === true
              ? new KubestackError("quota-exceeded", "exceeded quota: slaves", { retry: "backoff" })
              : undefined;
          evict(site, slaves);
        },
      },
      "quota-full",
    ],
    [
      "where the next pod's agent does not come",
      {
        templates: followed(1),
        befall: (site, slaves) => {
          site.cluster.onPod((change, { metadata }) => {
            if (change === "ADDED" && metadata.name.endsWith("-2")) site.kubelet.cutOff(metadata.name, 0);
          });
          evict(site, slaves);
        },
      },
      "agent-never-connected",
    ],
  ])("%s", async (_, blow, lostBy) => {
    const { isOver, doubled, mostPods, fates, counted } = await strike(blow);
    expect({ isOver, doubled, mostPods }).toEqual({ isOver: true, doubled: 0, mostPods: 1 });
    expect(counted).toMatchObject({ launches: 3, outcomes: 3, relaunches: counted.followed });
    expect(fates.pipeline).toMatchObject({ result: "SUCCESS", pods: lostBy === "quota-full" ? 1 : 2, lostBy });
    expect(fates.pipeline.triedAgainAfterMs).toBeGreaterThan(0);
  });
});

test("the control: a master that gives nodes too little time ends the block, and the slave goes", async () => {
  const { isOver, mostPods, fates } = await strike({
    templates: followed(1),
    nodeTimeoutMs: second,
    podStartMs: [20 * second, 20 * second],
    befall: evict,
  });
  expect({ isOver, mostPods }).toEqual({ isOver: true, mostPods: 1 });
  expect(fates.pipeline).toMatchObject({ ended: "agent-lost: ABORTED", result: "SUCCESS", lostBy: "evicted" });
  expect(fates.pipeline.slaveGoneAfterMs).toBeLessThan(minute);
});

/** What its supervisor's requests are called, whichever slave they are about. */
const kindOf = (request: string): string => request.replace(/ks-m-[0-9a-v]+/, "<slave>");
/** Longer than a lease, so that another process has taken over. */
const pauseMs = 25 * second;

/** An eviction, and something that befalls the supervisor at its nth request after it. */
async function interrupted(at: number, when: "before" | "sent", by: "kill" | "pause") {
  let request: string | undefined;
  const end = await strike({
    templates: followed(1),
    endMs,
    befall: (site, slaves) => {
      evict(site, slaves);
      let count = 0;
      const victim = site.process("slave-supervisor");
      const isBack = () => site.records.every(({ state, life }) => state !== "busy" || life.attempt === 2);
      site.time.onRequest = (process, asked, phase) => {
        if (request !== undefined || phase !== when || process !== victim) return;
        count += 1;
        if (count <= at || (isBack() && site.records.every(({ life }) => life.lost === null))) return;
        request = kindOf(asked);
        site.time.apart(() => (by === "kill" ? killed(site) : paused(site)));
      };
    },
  });
  return { ...end, request };
}

function killed(site: Site): void {
  site.kill("slave-supervisor");
  site.time.in(second, () => void site.start("slave-supervisor"));
}

function paused(site: Site): void {
  const process = site.process("slave-supervisor");
  site.time.stop(process);
  void site.startAnother("slave-supervisor");
  site.time.in(pauseMs, () => site.time.goOn(process));
}

describe("at each request of the supervisor until the next agent is there, in turn,", () => {
  test.each([
    ["a crash before it", "before", "kill"],
    ["a crash while its answer is on the way", "sent", "kill"],
    ["a pause before it, while another process takes over", "before", "pause"],
    ["a pause while its answer is on the way, and another process takes over", "sent", "pause"],
  ] as const)("%s: the block goes on, and no two pods are there at once", async (_, when, by) => {
    const tried = new Set<string>();
    for (let at = 0; ; at += 1) {
      const { isOver, doubled, mostPods, fates, request } = await interrupted(at, when, by);
      expect({ at, request, isOver, mostPods }).toMatchObject({ isOver: true, mostPods: 1 });
      // Who stood still may send one late request, for a slave that is over by then: its pod has no Secret, and goes on sight (H3).
      expect(doubled).toBeLessThanOrEqual(by === "pause" && request === "create pod" ? 1 : 0);
      const { ended, pods, lostBy } = fates.pipeline;
      expect({ at, request, ended, pods, lostBy }).toMatchObject({ ended: "itself: SUCCESS", pods: 2, lostBy: null });
      if (request === undefined) break;
      tried.add(request);
    }
    expect([...tried]).toEqual(
      expect.arrayContaining([
        "update kubestack_slaves",
        "POST /computer/<slave>/changeOfflineCause",
        "POST /computer/<slave>/doDisconnect",
        "delete pod",
        "create pod",
        "GET /computer/<slave>/jenkins-agent.jnlp",
        "create Secret",
        "POST /computer/<slave>/toggleOffline",
      ]),
    );
  });
});
