import { expect, test, vi } from "vitest";
import { type Ground, soon } from "./ground.fixture.ts";

/** Agents, what they run, and what becomes of it when one of them or its node goes. */
export function agentTests(on: () => Ground): void {
  const isIdle = (name: string) =>
    vi.waitFor(async () => expect((await on().under.nodes()).find((one) => one.name === name)?.idle).toBe(true), soon);
  const isOffline = (name: string) =>
    vi.waitFor(async () => expect(await on().master.readComputer(name)).toMatchObject({ online: false }), soon);

  test("says why: the one node, the label, then the one that is busy", async () => {
    const { under, master, own, makeNode, sentence, begun, ended } = on();
    const job = own("worded");
    await under.createJob({ name: job, label: job, holds: true, parameters: { n: "" } });
    const first = await makeNode("w1", job);
    await under.build(job, { n: "1" });
    await sentence(job, { kind: "node-offline", node: first });
    const second = await makeNode("w2", job);
    await sentence(job, { kind: "label-offline", label: job });
    const agent = await under.connectAgent(first);
    await begun(job, 1);
    await under.build(job, { n: "2" });
    await sentence(job, { kind: "executor", label: job });
    await master.deleteNode(second);
    await sentence(job, { kind: "executor", node: first });
    await under.letBuildsEnd(job);
    expect((await ended(job, 2)).map((build) => build.result)).toEqual(["SUCCESS", "SUCCESS"]);
    await agent.stop();
    await master.deleteNode(first);
  });

  test("an agent takes its build, is seen busy, and a mark lets the build end but lets no other one come", async () => {
    const { under, master, own, makeNode, sentence } = on();
    const job = own("busy");
    const name = await makeNode("busy", job);
    await under.createJob({ name: job, label: job, holds: true, parameters: { n: "" } });
    await under.build(job, { n: "1" });
    const { secret } = await master.agentSecret(name);
    expect(secret).toMatch(/^[0-9a-f]{16,}$/);
    const agent = await under.connectAgent(name);
    const computer = await vi.waitFor(async () => {
      const seen = await master.readComputer(name);
      expect(seen?.builds).toHaveLength(1);
      return seen;
    }, soon);
    expect(computer).toMatchObject({ online: true, idle: false, builds: [{ number: 1 }] });
    const url = computer?.builds[0]?.url ?? "";
    await vi.waitFor(
      async () => expect(await master.readBuild(url)).toMatchObject({ job, building: true, builtOn: name }),
      soon,
    );
    await under.build(job, { n: "2" });
    await master.markOffline(name, "goes after its build");
    expect(await master.readComputer(name)).toMatchObject({ online: false, markedOffline: true, idle: false });
    await under.letBuildsEnd(job);
    await vi.waitFor(
      async () => expect(await master.readBuild(url)).toMatchObject({ building: false, result: "SUCCESS" }),
      soon,
    );
    await vi.waitFor(
      async () => expect(await master.readComputer(name)).toMatchObject({ idle: true, builds: [] }),
      soon,
    );
    await sentence(job, { kind: "node-offline", node: name });
    expect(await under.builds(job)).toHaveLength(1);
    await agent.stop();
    expect(await master.deleteNode(name)).toBe("deleted");
  });

  test("a build that asks for two labels goes to the node that has both", async () => {
    const { under, master, own, makeNode, ended, buildable } = on();
    const [linux, docker] = [own("os"), own("tool")];
    const [both, one] = [own("wants-both"), own("wants-one")];
    const half = await makeNode("half", linux);
    await under.createJob({ name: both, label: `${linux} && ${docker}` });
    await under.createJob({ name: one, label: linux });
    const halfsAgent = await under.connectAgent(half);
    await under.build(both);
    await buildable(both);
    // The later one is served by the same look at the queue that leaves the earlier one where it is.
    await under.build(one);
    expect(await ended(one, 1)).toMatchObject([{ builtOn: half, result: "SUCCESS" }]);
    expect(await under.builds(both)).toEqual([]);
    const whole = await makeNode("whole", linux, docker);
    const wholesAgent = await under.connectAgent(whole);
    expect(await ended(both, 1)).toMatchObject([{ builtOn: whole, result: "SUCCESS" }]);
    for (const agent of [halfsAgent, wholesAgent]) await agent.stop();
    for (const name of [half, whole]) await master.deleteNode(name);
  });

  test("builds that must not overlap wait for each other, blocked", async () => {
    const { under, master, own, makeNode, itemsOf, begun, reads } = on();
    const job = own("one");
    const name = await makeNode("one", job);
    await under.createJob({ name: job, label: job, concurrent: false, holds: true, parameters: { n: "" } });
    const agent = await under.connectAgent(name);
    await under.build(job, { n: "1" });
    await begun(job, 1);
    await under.build(job, { n: "2" });
    const blocked = await vi.waitFor(
      async () => (await itemsOf(job)).find((item) => item.blocked) ?? expect.fail("nothing is blocked"),
      soon,
    );
    expect(blocked.buildable).toBe(false);
    expect(reads(blocked.why)).toEqual({ kind: "blocked" });
    await under.letBuildsEnd(job);
    await begun(job, 2);
    await isIdle(name);
    await agent.stop();
    await master.deleteNode(name);
  });

  test("an agent that is killed is seen offline, and its build ends; a new one under the same name takes the next build", async () => {
    const { under, master, own, makeNode, begun, ended } = on();
    const job = own("killed");
    const name = await makeNode("killed", job);
    await under.createJob({ name: job, label: job, holds: true, parameters: { n: "" } });
    await under.build(job, { n: "1" });
    const agent = await under.connectAgent(name);
    await begun(job, 1);
    await agent.stop();
    await isOffline(name);
    expect(await master.readComputer(name)).toMatchObject({ markedOffline: false });
    const [lost] = await ended(job, 1);
    expect(["FAILURE", "ABORTED"]).toContain(lost?.result);
    await vi.waitFor(
      async () => expect(await master.readComputer(name)).toMatchObject({ idle: true, builds: [] }),
      soon,
    );
    const next = await under.connectAgent(name);
    await under.build(job, { n: "2" });
    await under.letBuildsEnd(job);
    expect(await ended(job, 2)).toMatchObject([{ builtOn: name, result: "SUCCESS" }, { result: lost?.result }]);
    await next.stop();
    await master.deleteNode(name);
  });

  test("a mark outlives the agent: a new one under the same name gets no build until the mark is taken away", async () => {
    const { under, master, own, makeNode, sentence, ended } = on();
    const job = own("marked");
    const name = await makeNode("marked", job);
    await under.createJob({ name: job, label: job });
    const first = await under.connectAgent(name);
    await master.markOffline(name, "stays away");
    await first.stop();
    await under.build(job);
    const second = await under.connectAgent(name, { isMarked: true });
    expect(await master.readComputer(name)).toMatchObject({ online: false, markedOffline: true, idle: true });
    await sentence(job, { kind: "node-offline", node: name });
    expect(await under.builds(job)).toEqual([]);
    expect(await master.bringOnline(name)).toMatchObject({ changed: true });
    expect(await ended(job, 1)).toMatchObject([{ builtOn: name, result: "SUCCESS" }]);
    await second.stop();
    await master.deleteNode(name);
  });

  test("the removal of a node ends its build", async () => {
    const { under, master, own, makeNode, ended } = on();
    const job = own("cut");
    const name = await makeNode("cut", job);
    await under.createJob({ name: job, label: job, holds: true });
    await under.build(job);
    const agent = await under.connectAgent(name);
    await vi.waitFor(async () => expect((await master.readComputer(name))?.builds).toHaveLength(1), soon);
    expect(await master.deleteNode(name)).toBe("deleted");
    const [build] = await ended(job, 1);
    expect(build?.result).not.toBe("SUCCESS");
    await agent.stop();
  });
}
