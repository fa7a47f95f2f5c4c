import { channels, commands, KubestackError, subjects } from "@kubestack/contracts";
import { expect, test, vi } from "vitest";
import { Bed, until } from "./bed.fixture.ts";
import type { World } from "./world.fixture.ts";

vi.setConfig({ testTimeout: 60_000 });

const bed = new Bed("lifting");

const planOf = async (world: World) => (await bed.one.bus.readLast(channels.plan, subjects.plan(world.name)))?.data;
const lift = ({ name: master }: World, name = "python") => {
  const asked = { master, what: "template" as const, name, by: "ann", reason: "mended" };
  return bed.two.bus.request(commands.liftHold, asked, { master });
};
const order = ({ name: master }: World, wants: "pause" | "resume") =>
  bed.two.bus.request(commands.orderMaster, { master, wants, by: "ann", reason: "" }, { master });

/** A world whose cluster takes no pod until it is told to. */
function refusing(): { world: World; mend(): void } {
  const world = bed.newWorld();
  const { createPod } = world.cluster.calls;
  world.cluster.calls.createPod = () =>
    Promise.reject(new KubestackError("cluster-refused", "The pod is not wanted.", { retry: "never" }));
  return {
    world,
    mend: () => {
      world.cluster.calls.createPod = createPod;
    },
  };
}

test("a hold that is lifted is over, whoever owns the master next, and one slave is tried at once", async () => {
  const { world, mend } = refusing();
  await bed.collected(world);
  const first = bed.started(world);
  await until(() => expect(first.supervisor.status().state).toBe("ok"));
  await expect(lift(world)).rejects.toThrow(/^Template python of master lifting1 is not held/);
  world.wants("1");
  world.wants("2");
  await until(async () =>
    expect((await planOf(world))?.templates?.[0]?.held).toMatchObject({ until: expect.any(Number) }),
  );
  const heldUntil = (await planOf(world))?.templates?.[0]?.held?.until ?? 0;
  // Nothing is launched between the lift and the taking over.
  await order(world, "pause");
  expect(await lift(world)).toEqual({ master: world.name, what: "template", name: "python" });
  await expect(lift(world, "pyth")).rejects.toThrow(/not held/);
  first.lease.take();
  const second = bed.started(world, { process: bed.two });
  await until(() => expect(second.supervisor.status().state).toBe("ok"));
  mend();
  await order(world, "resume");
  await bed.isOver(world, 2);
  // Both ran before the time of the hold, and the second had to wait for the first to come.
  expect(bed.one.bus.clock.now()).toBeLessThan(heldUntil);
  const [one, two] = (await bed.records(world))
    .filter(({ life }) => life.outcome === "served")
    .toSorted((a, b) => a.number - b.number);
  expect(two?.life.trail[0]?.at).toBeGreaterThanOrEqual(one?.life.agent.firstOnlineAt ?? Number.POSITIVE_INFINITY);
  const told = await bed.one.bus.history(channels.master, subjects.allMasters, { limit: 1000 });
  expect(told.flatMap(({ data }) => (data.event === "hold-lifted" ? [data.reason] : []))).toEqual([
    "the hold of template python is lifted by ann: mended",
  ]);
});
