import { channels, commands, type SlaveState, subjects } from "@kubestack/contracts";
import { expect, test, vi } from "vitest";
import { Bed, patient } from "./bed.fixture.ts";

const bed = new Bed();

/** What a slave's supervisor tells of it. */
async function tells(slave: string, state: SlaveState, step: number): Promise<void> {
  const at = bed.bus.clock.now();
  const of = { slave, master: "m", template: "t", state };
  const rest = { previous: null, reason: "r", at, afterMs: null, step, build: null, outcome: null };
  const pod = { namespace: "ci-agents", uid: null, node: null };
  await bed.bus.publish(channels.slave, subjects.slave(of), { ...of, ...rest, pod });
}

/** A pool of so many ready nodes that nothing is planned for any more. */
async function readyNodes(count: number): Promise<readonly string[]> {
  await bed.provide({ spot: { idleMs: 2_500 } });
  const one = await bed.start();
  await bed.plan(count * 4);
  await bed.untilAsked("spot", count);
  await vi.waitFor(async () => expect((await bed.standings(one)).pools[0]?.ready).toBe(count), patient);
  await bed.plan(0);
  // What it answers after that it answers knowing it.
  await bed.status(one);
  return bed.groups.get("spot")?.nodes() ?? [];
}

const nodes = () => bed.groups.get("spot")?.nodes();

test("nodes that nothing needs leave by name; one with a slave that may be busy stays, and one with a pod that is not ours", async () => {
  const [busy = "", foreign = "", ...empty] = await readyNodes(4);
  await bed.pod("ks-m-busy", { node: busy });
  await bed.foreignPod("theirs", foreign);
  await vi.waitFor(() => expect(nodes()).toEqual([busy, foreign]), patient);
  await vi.waitFor(
    () =>
      expect(bed.told("spot").flatMap(({ event, nodes = [] }) => (event === "removed" ? nodes : []))).toEqual(
        expect.arrayContaining(empty),
      ),
    patient,
  );
  expect(await bed.asked("spot")).toBe(2);
  // Its slave is gone: now it may leave, too.
  await bed.plane.json("/api/v1/namespaces/ci-agents/pods/ks-m-busy", {
    method: "DELETE",
    body: { gracePeriodSeconds: 0 },
  });
  await vi.waitFor(() => expect(nodes()).toEqual([foreign]), patient);
  expect(await bed.asked("spot")).toBe(1);
}, 90_000);

test("an idle slave that has room elsewhere is withdrawn by its supervisor before its node leaves", async () => {
  const supervisor = await bed.bus.serve("slave-supervisor", "1.0.0");
  bed.ends.push(() => supervisor.stop());
  const withdrawn: string[] = [];
  const drain = async ({ slave }: { slave: string }) => {
    withdrawn.push(slave);
    await tells(slave, "draining", 4);
    await bed.plane.json(`/api/v1/namespaces/ci-agents/pods/${slave}`, {
      method: "DELETE",
      body: { gracePeriodSeconds: 0 },
    });
    return { slave, state: "draining" };
  };
  supervisor.answer(commands.drainSlave, drain, "m");
  await supervisor.known();
  const [one = "", other = ""] = await readyNodes(2);
  await bed.pod("ks-m-idle", { node: one });
  await bed.pod("ks-m-busy", { node: other });
  await tells("ks-m-idle", "online", 3);
  await tells("ks-m-busy", "busy", 4);
  await vi.waitFor(() => expect(nodes()).toEqual([other]), patient);
  expect(withdrawn).toEqual(["ks-m-idle"]);
}, 90_000);

test("a node on its way out comes back where something is planned that needs it", async () => {
  const [one = "", other = ""] = await readyNodes(2);
  // Its supervisor does not answer: the slave stays, and its node is on its way out for as long.
  await bed.pod("ks-m-idle", { node: one, cpu: "3" });
  await bed.pod("ks-m-busy", { node: other });
  await tells("ks-m-idle", "online", 3);
  await tells("ks-m-busy", "busy", 4);
  await vi.waitFor(async () => expect(await bed.isCordoned(one)).toBe(true), patient);
  await bed.plan(4);
  await vi.waitFor(async () => expect(await bed.isCordoned(one)).toBe(false), patient);
  expect(await bed.asked("spot")).toBe(2);
}, 90_000);

test("of a node that goes by itself idle slaves leave at once, busy ones are told, and room for both is brought up first", async () => {
  const supervisor = await bed.bus.serve("slave-supervisor", "1.0.0");
  bed.ends.push(() => supervisor.stop());
  const told = new Map<string, string>();
  const drain = ({ slave, reason }: { slave: string; reason: string }) => {
    told.set(slave, reason);
    return { slave, state: "busy" };
  };
  supervisor.answer(commands.drainSlave, drain, "m");
  await supervisor.known();
  const [one = ""] = await readyNodes(1);
  await bed.pod("ks-m-idle", { node: one, cpu: "2" });
  await bed.pod("ks-m-busy", { node: one, cpu: "2" });
  await tells("ks-m-idle", "online", 3);
  await tells("ks-m-busy", "busy", 4);
  await bed.taint(one, "aws-node-termination-handler/spot-itn");
  await bed.untilAsked("spot", 2);
  await vi.waitFor(() => expect([...told.keys()].sort()).toEqual(["ks-m-busy", "ks-m-idle"]), patient);
  expect(told.get("ks-m-busy")).toContain(`node ${one}: its machine is taken back`);
  expect(nodes()).toContain(one);
}, 90_000);
