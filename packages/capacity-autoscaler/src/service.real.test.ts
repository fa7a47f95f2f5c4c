import { describe, expect, test, vi } from "vitest";
import { Bed, patient } from "./bed.fixture.ts";

const bed = new Bed();

/** The value below which 99 of 100 are. */
function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(0.99 * sorted.length) - 1)] ?? Number.NaN;
}

const mostMs = 250;
const rounds = 3;
const roundNodes = 100;

describe("from a plan to the nodes", () => {
  test("from demand seen to the target scaled it takes no longer than a quarter of a second at p99", async () => {
    await bed.provide({ spot: {} });
    await bed.start();
    await bed.plan(1);
    await bed.untilAsked("spot", 1);
    let nodes = 1;
    const measured = async (): Promise<number> => {
      const took: number[] = [];
      for (let more = 0; more < roundNodes; more += 1) {
        nodes += 1;
        await bed.plan(nodes * 4 - 3);
        took.push(await bed.untilAsked("spot", nodes));
      }
      return p99(took);
    };
    // What else a machine does in one of three rounds is not ours; what is slow in each of them is.
    let least = await measured();
    for (let round = 1; round < rounds && least > mostMs; round += 1) least = Math.min(least, await measured());
    expect(least).toBeLessThanOrEqual(mostMs);
  }, 180_000);

  test("of 1,000 builds on empty pools all nodes are asked for within two seconds, on the cheapest pools", async () => {
    await bed.provide({
      spot: { pricePerHour: 0.2, max: 150, delayMs: 60_000 },
      dear: { pricePerHour: 1, delayMs: 60_000 },
    });
    await bed.start();
    await bed.plan(1);
    await bed.untilAsked("spot", 1);
    await bed.plan(1000);
    const took = Math.max(...(await Promise.all([bed.untilAsked("spot", 150), bed.untilAsked("dear", 100)])));
    expect(took).toBeLessThanOrEqual(2_000);
  }, 60_000);

  test("a pod that waits is enough, its node is told with how long it took, and nothing is asked for twice", async () => {
    await bed.provide({ spot: { delayMs: 500 } });
    const one = await bed.start();
    await bed.pod("ks-m-pod");
    await bed.untilAsked("spot", 1);
    await vi.waitFor(
      () => expect(bed.told("spot").map(({ event }) => event)).toEqual(["planned", "scaled", "delivered"]),
      patient,
    );
    const delivered = bed.told("spot").find(({ event }) => event === "delivered");
    expect(delivered?.tookMs).toBeGreaterThanOrEqual(500);
    await vi.waitFor(async () => {
      const { pools, isLeader } = await bed.standings(one);
      expect(isLeader).toBe(true);
      expect(pools).toMatchObject([
        { ready: 1, coming: 0, wanted: 1, used: 0.25, hold: null, trouble: "", arrival: { of: 1 } },
      ]);
    }, patient);
    expect(await bed.asked("spot")).toBe(1);
  }, 60_000);
});

describe("where a pool does not do what is asked", () => {
  test("one that somebody else scales is left alone, and the next one is asked", async () => {
    const annotations = { "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "9" };
    await bed.provide({ spot: { pricePerHour: 0.2, annotations }, dear: {} });
    const one = await bed.start();
    await bed.plan(4);
    await bed.untilAsked("dear", 1);
    expect(await bed.asked("spot")).toBe(0);
    expect(bed.told("spot").find(({ event }) => event === "held")?.reason).toContain("is scaled by cluster-autoscaler");
    const { pools } = await bed.standings(one);
    expect(pools[0]).toMatchObject({ hold: { because: expect.stringContaining("KubeStack leaves it alone") } });
  }, 60_000);

  test("one that delivers fewer, or none, is held, and the next one is asked for what is missing", async () => {
    await bed.provide({ spot: { pricePerHour: 0.2, mostNodes: 1, deliverWithinMs: 3_000 }, dear: {} });
    await bed.start();
    await bed.plan(12);
    await bed.untilAsked("spot", 3);
    await vi.waitFor(() => expect(bed.groups.get("spot")?.nodes()).toHaveLength(1), patient);
    await bed.untilAsked("dear", 2);
    expect(bed.told("spot").find(({ event }) => event === "held")).toMatchObject({
      reason: expect.stringContaining("2 nodes have not come within 3 s"),
      until: expect.any(Number),
    });
  }, 60_000);
});
