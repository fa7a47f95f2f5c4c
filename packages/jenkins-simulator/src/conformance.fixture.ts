import { connectMaster, type Master, readWhy } from "@kubestack/jenkins";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { MasterUnderTest } from "./master-under-test.ts";

/** A master looks at its queue again every five seconds, if nothing makes it look sooner. */
const soon = { timeout: 20_000, interval: 50 };

/**
 * What every master must do, whatever it is, as the adapter sees it. Where masters may differ by right (secrets, versions,
 * a label that the queue tells or not) the suite asks for what KubeStack needs of them and no more.
 */
export function describeMaster(title: string, start: () => Promise<MasterUnderTest>): void {
  describe(title, () => {
    let under: MasterUnderTest;
    let master: Master;

    beforeAll(async () => {
      under = await start();
      master = connectAs(under, under.secret);
    });
    afterAll(async () => {
      master?.close();
      await under?.stop();
    });

    const node = (name: string, label: string) =>
      ({
        name,
        description: "made by a test",
        labels: [label],
        executors: 1,
        remoteFs: `/tmp/agent-${name}`,
        mode: "EXCLUSIVE",
      }) as const;
    const itemsOf = async (job: string) => (await master.readQueue()).items.filter((item) => item.job.name === job);
    const buildable = (job: string) =>
      vi.waitFor(
        async () => (await itemsOf(job)).find((item) => item.buildable) ?? expect.fail(`${job} is not buildable`),
        soon,
      );
    const sentence = (job: string, expected: ReturnType<typeof readWhy>) =>
      vi.waitFor(
        async () => expect(readWhy((await buildable(job)).why, (name) => name.startsWith("ks-"))).toEqual(expected),
        soon,
      );

    test("tells who it is, and refuses whom it does not know", async () => {
      const probe = await master.probe();
      expect(probe).toMatchObject({ flavour: under.kind === "hudson" ? "hudson" : "jenkins", quietingDown: false });
      const stranger = connectAs(under, "wrong");
      for (const ask of [() => stranger.probe(), () => stranger.readQueue(), () => stranger.readComputers()]) {
        await expect(ask()).rejects.toMatchObject({ code: "credential-refused" });
      }
      stranger.close();
    });

    test("an item waits, buildable, and its label is found", async () => {
      await under.createJob({ name: "waits", label: "waits && linux" });
      await under.build("waits");
      const item = await buildable("waits");
      expect(item).toMatchObject({ pending: false, blocked: false, why: "Waiting for next available executor" });
      expect(item.inQueueSince).toBeGreaterThan(1_600_000_000_000);
      expect(await master.readJobLabel(item.job.url)).toEqual({ kind: "expression", expression: "waits && linux" });
      if (item.labelExpression !== undefined) expect(item.labelExpression).toBe("waits && linux");
      await under.createJob({ name: "free" });
      const free = item.job.url.replace("/job/waits/", "/job/free/");
      expect(await master.readJobLabel(free)).toEqual({ kind: "any" });
    });

    test("equal items are one, others are not", async () => {
      await under.createJob({ name: "folds", label: "folds", parameters: { n: "" } });
      for (const n of ["1", "1", "2"]) await under.build("folds", { n });
      await buildable("folds");
      expect(await itemsOf("folds")).toHaveLength(2);
    });

    test("a node is made once, marked, brought back and deleted", async () => {
      const spec = node("ks-once", "once");
      await master.createNode(spec);
      await expect(master.createNode(spec)).rejects.toMatchObject({ code: "already-exists" });
      await expect(master.createNode({ ...spec, name: "a/b" })).rejects.toMatchObject({ code: "master-refused" });
      const fresh = await master.readComputer("ks-once");
      expect(fresh).toMatchObject({ online: false, markedOffline: false, idle: true, executors: 1, builds: [] });
      if (fresh?.labels !== null) expect(fresh?.labels.toSorted()).toEqual(["ks-once", "once"]);
      expect(await master.markOffline("ks-once", "goes")).toMatchObject({ changed: true });
      expect(await master.markOffline("ks-once", "goes")).toMatchObject({
        found: { markedOffline: true },
        changed: false,
      });
      expect(await master.bringOnline("ks-once")).toMatchObject({ changed: true });
      expect((await master.readComputers()).computers).toContainEqual(fresh);
      expect(await master.deleteNode("ks-once")).toBe("deleted");
      expect(await master.deleteNode("ks-once")).toBe("gone");
      expect(await master.readComputer("ks-once")).toBeNull();
      expect(await master.bringOnline("ks-once")).toEqual({ found: null, changed: false });
    });

    test("says why: the one node, the label, then the one that is busy", async () => {
      await under.createJob({ name: "worded", label: "worded", holds: true, parameters: { n: "" } });
      await master.createNode(node("ks-w1", "worded"));
      await under.build("worded", { n: "1" });
      await sentence("worded", { kind: "node-offline", node: "ks-w1" });
      await master.createNode(node("ks-w2", "worded"));
      await sentence("worded", { kind: "label-offline", label: "worded" });
      const agent = await under.connectAgent("ks-w1");
      await vi.waitFor(async () => expect(await under.builds("worded")).toHaveLength(1), soon);
      await under.build("worded", { n: "2" });
      await sentence("worded", { kind: "executor", label: "worded" });
      await master.deleteNode("ks-w2");
      await sentence("worded", { kind: "executor", node: "ks-w1" });
      await under.letBuildsEnd("worded");
      await vi.waitFor(
        async () => expect((await under.builds("worded")).map((build) => build.result)).toEqual(["SUCCESS", "SUCCESS"]),
        soon,
      );
      await agent.stop();
      await master.deleteNode("ks-w1");
    });

    test("an agent takes its build, is seen busy, and a mark lets the build end but lets no other one come", async () => {
      await master.createNode(node("ks-busy", "busy"));
      await under.createJob({ name: "busy", label: "busy", holds: true, parameters: { n: "" } });
      await under.build("busy", { n: "1" });
      const { secret } = await master.agentSecret("ks-busy");
      expect(secret).toMatch(/^[0-9a-f]{16,}$/);
      const agent = await under.connectAgent("ks-busy");
      const computer = await vi.waitFor(async () => {
        const seen = await master.readComputer("ks-busy");
        expect(seen?.builds).toHaveLength(1);
        return seen;
      }, soon);
      expect(computer).toMatchObject({ online: true, idle: false, builds: [{ number: 1 }] });
      const url = computer?.builds[0]?.url ?? "";
      await vi.waitFor(
        async () =>
          expect(await master.readBuild(url)).toMatchObject({ job: "busy", building: true, builtOn: "ks-busy" }),
        soon,
      );
      await under.build("busy", { n: "2" });
      await master.markOffline("ks-busy", "goes after its build");
      expect(await master.readComputer("ks-busy")).toMatchObject({ online: false, markedOffline: true, idle: false });
      await under.letBuildsEnd("busy");
      await vi.waitFor(
        async () => expect(await master.readBuild(url)).toMatchObject({ building: false, result: "SUCCESS" }),
        soon,
      );
      await vi.waitFor(
        async () => expect(await master.readComputer("ks-busy")).toMatchObject({ idle: true, builds: [] }),
        soon,
      );
      await sentence("busy", { kind: "node-offline", node: "ks-busy" });
      expect(await under.builds("busy")).toHaveLength(1);
      await agent.stop();
      await vi.waitFor(
        async () => expect((await under.nodes()).find((one) => one.name === "ks-busy")?.offline).toBe(true),
        soon,
      );
      expect(await master.deleteNode("ks-busy")).toBe("deleted");
    });

    test("builds that must not overlap wait for each other, blocked", async () => {
      await master.createNode(node("ks-one", "one"));
      await under.createJob({ name: "one", label: "one", concurrent: false, holds: true, parameters: { n: "" } });
      const agent = await under.connectAgent("ks-one");
      await under.build("one", { n: "1" });
      await vi.waitFor(async () => expect(await under.builds("one")).toHaveLength(1), soon);
      await under.build("one", { n: "2" });
      const blocked = await vi.waitFor(
        async () => (await itemsOf("one")).find((item) => item.blocked) ?? expect.fail("nothing is blocked"),
        soon,
      );
      expect(blocked.buildable).toBe(false);
      expect(readWhy(blocked.why)).toEqual({ kind: "blocked" });
      await under.letBuildsEnd("one");
      await vi.waitFor(async () => expect(await under.builds("one")).toHaveLength(2), soon);
      await vi.waitFor(
        async () => expect((await under.nodes()).find((one) => one.name === "ks-one")?.idle).toBe(true),
        soon,
      );
      await agent.stop();
      await master.deleteNode("ks-one");
    });

    test("the removal of a node ends its build", async () => {
      await master.createNode(node("ks-cut", "cut"));
      await under.createJob({ name: "cut", label: "cut", holds: true });
      await under.build("cut");
      const agent = await under.connectAgent("ks-cut");
      await vi.waitFor(async () => expect((await master.readComputer("ks-cut"))?.builds).toHaveLength(1), soon);
      expect(await master.deleteNode("ks-cut")).toBe("deleted");
      const ended = await vi.waitFor(async () => {
        const [build] = await under.builds("cut");
        expect(build?.building).toBe(false);
        return build;
      }, soon);
      expect(ended?.result).not.toBe("SUCCESS");
      await agent.stop();
    });
  });
}

function connectAs(under: MasterUnderTest, password: string): Master {
  const auth = { kind: "password", read: async () => password } as const;
  return connectMaster({ name: "under-test", url: under.url, user: under.user, auth });
}
