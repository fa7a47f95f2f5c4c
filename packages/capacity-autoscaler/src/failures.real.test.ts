import { startTcpProxy, type TcpProxy } from "@kubestack/real-parts";
import { expect, test, vi } from "vitest";
import { Bed, patient } from "./bed.fixture.ts";

const bed = new Bed();

async function wayToCluster(): Promise<TcpProxy & { readonly url: string }> {
  const way = await startTcpProxy(Number(new URL(bed.plane.url).port));
  bed.ends.push(() => way.close());
  return Object.assign(way, { url: `https://127.0.0.1:${way.port}` });
}

test("while the cluster is away nothing is asked for and nothing taken away; what is planned meanwhile is asked for after", async () => {
  await bed.provide({ spot: {} });
  const way = await wayToCluster();
  const one = await bed.start(way);
  await bed.plan(4);
  await bed.untilAsked("spot", 1);
  await vi.waitFor(() => expect(bed.told("spot").at(-1)?.event).toBe("delivered"), patient);
  await way.refuse();
  await vi.waitFor(async () => {
    const { notes = [] } = await bed.status(one);
    expect(notes).toEqual([expect.stringMatching(/^the cluster's nodes and pods are not known now: /)]);
  }, patient);
  await bed.plan(0);
  await bed.plan(12);
  await bed.told("spot");
  expect(await bed.asked("spot")).toBe(1);
  await way.accept();
  await bed.untilAsked("spot", 3);
  await vi.waitFor(async () => expect((await bed.status(one)).notes).toEqual([]), patient);
}, 120_000);

test("while NATS is away nothing is asked for and nothing taken away; what is planned meanwhile is asked for after", async () => {
  await bed.provide({ spot: { idleMs: 1_000 } });
  const way = await startTcpProxy(Number(new URL(bed.natsUrl).port));
  bed.ends.push(() => way.close());
  const one = await bed.start({ natsUrl: `nats://127.0.0.1:${way.port}` });
  await bed.plan(4);
  await bed.untilAsked("spot", 1);
  await vi.waitFor(() => expect(bed.told("spot").at(-1)?.event).toBe("delivered"), patient);
  const [node = ""] = bed.groups.get("spot")?.nodes() ?? [];
  await way.refuse();
  await bed.plan(0);
  // Long after the node's idle time it believes in its lease no more.
  await vi.waitFor(() => expect(one.autoscaler.isLeader()).toBe(false), patient);
  expect([await bed.asked("spot"), await bed.isCordoned(node)]).toEqual([1, false]);
  await bed.plan(12);
  await way.accept();
  await bed.untilAsked("spot", 3);
  expect(one.autoscaler.isLeader()).toBe(true);
}, 120_000);

test("nodes that come late are known to be on their way, and are no reason to ask for more", async () => {
  await bed.provide({ spot: { delayMs: 2_500 } });
  const one = await bed.start();
  await bed.plan(8);
  await bed.untilAsked("spot", 2);
  await vi.waitFor(
    async () => expect((await bed.standings(one)).pools[0]).toMatchObject({ nodes: 0, coming: 2 }),
    patient,
  );
  // Told anew, with one slave more that has room beside them.
  await bed.plan(7);
  await vi.waitFor(() => expect(bed.told("spot").at(-1)?.event).toBe("delivered"), patient);
  await vi.waitFor(
    async () => expect((await bed.standings(one)).pools[0]).toMatchObject({ ready: 2, coming: 0 }),
    patient,
  );
  expect(await bed.asked("spot")).toBe(2);
}, 60_000);

test("of two that stand by one decides; the other goes on where it stopped, and asks for nothing twice", async () => {
  await bed.provide({ spot: { delayMs: 4_000 } });
  const one = await bed.start();
  await vi.waitFor(() => expect(one.autoscaler.isLeader()).toBe(true), patient);
  const other = await bed.start();
  await bed.plan(12);
  await bed.untilAsked("spot", 3);
  expect(other.autoscaler.isLeader()).toBe(false);
  await one.stop();
  await vi.waitFor(() => expect(other.autoscaler.isLeader()).toBe(true), patient);
  await vi.waitFor(
    async () => expect((await bed.standings(other)).pools[0]).toMatchObject({ coming: 3, wanted: 3 }),
    patient,
  );
  await vi.waitFor(
    async () => expect((await bed.standings(other)).pools[0]).toMatchObject({ ready: 3, coming: 0 }),
    patient,
  );
  expect(await bed.asked("spot")).toBe(3);
  expect(bed.told("spot").filter(({ event }) => event === "scaled")).toHaveLength(1);
}, 60_000);

test("two that both believe that they decide ask for no node twice: one of them wins each write", async () => {
  await bed.provide({ spot: { delayMs: 1_000 } });
  const always = { isHeld: () => true };
  await bed.start({ lease: always });
  await bed.start({ lease: always });
  for (const slaves of [3, 7, 12, 18, 25]) {
    await bed.plan(slaves);
    await bed.untilAsked("spot", Math.ceil(slaves / 4));
  }
  await vi.waitFor(() => expect(bed.groups.get("spot")?.nodes()).toHaveLength(7), patient);
  await vi.waitFor(() => expect(bed.told("spot").at(-1)?.event).toBe("delivered"), patient);
  expect(await bed.asked("spot")).toBe(7);
}, 60_000);

test("a restart keeps what is held, and what is on its way", async () => {
  await bed.provide({ spot: { pricePerHour: 0.2, mostNodes: 0, deliverWithinMs: 1_500 }, dear: { delayMs: 60_000 } });
  const one = await bed.start();
  await bed.plan(4);
  await bed.untilAsked("spot", 1);
  await bed.untilAsked("dear", 1);
  await vi.waitFor(() => expect(bed.told("spot").at(-1)?.event).toBe("held"), patient);
  const [before] = (await bed.standings(one)).pools;
  expect(before?.hold).not.toBeNull();
  await one.stop();
  const other = await bed.start();
  await vi.waitFor(async () => {
    const [spot, dear] = (await bed.standings(other)).pools;
    expect(spot?.hold).toEqual(before?.hold);
    expect(dear).toMatchObject({ coming: 1, wanted: 1 });
  }, patient);
  expect([await bed.asked("spot"), await bed.asked("dear")]).toEqual([1, 1]);
}, 60_000);
