import { jobNameOf } from "@kubestack/jenkins";
import { expect, test, vi } from "vitest";
import { type Ground, soon } from "./ground.fixture.ts";

/** What waits, why, and what becomes of it. */
export function queueTests(on: () => Ground): void {
  test("an item waits, buildable, and its label is found", async () => {
    const { under, master, own, buildable, reads } = on();
    const [job, free] = [own("waits"), own("free")];
    const expression = `${own("waits")} && ${own("linux")}`;
    await under.createJob({ name: job, label: expression });
    await under.build(job);
    const item = await buildable(job);
    expect(item).toMatchObject({ pending: false, blocked: false });
    expect(item.inQueueSince).toBeGreaterThan(1_600_000_000_000);
    // Without any node the master does not speak of labels; else it does, in its own spelling.
    const why = reads(item.why);
    expect(["executor", "label-offline", "unsuitable"]).toContain(why.kind);
    if (why.label !== undefined) expect(why.label.replaceAll(" ", "")).toBe(expression.replaceAll(" ", ""));
    expect(await master.readJobLabel(item.job.url)).toEqual({ kind: "expression", expression });
    if (item.labelExpression !== undefined) expect(item.labelExpression).toBe(expression);
    await under.createJob({ name: free });
    const freesUrl = item.job.url.replace(`/job/${job}/`, `/job/${free}/`);
    expect(await master.readJobLabel(freesUrl)).toEqual({ kind: "any" });
    await under.cancelItem(item.id);
  });

  test("equal items are one, others are not", async () => {
    const { under, own, buildable, itemsOf } = on();
    const job = own("folds");
    await under.createJob({ name: job, label: job, parameters: { n: "" } });
    for (const n of ["1", "1", "2"]) await under.build(job, { n });
    await buildable(job);
    expect(await itemsOf(job)).toHaveLength(2);
    for (const item of await itemsOf(job)) await under.cancelItem(item.id);
    await vi.waitFor(async () => expect(await itemsOf(job)).toEqual([]), soon);
  });

  test("an item in its quiet period is not buildable, until asking again ends the period", async () => {
    const { under, own, itemsOf, buildable, reads } = on();
    const job = own("quiet");
    await under.createJob({ name: job, label: job });
    await under.build(job, {}, 600);
    const [quiet] = await vi.waitFor(async () => {
      const items = await itemsOf(job);
      expect(items).toHaveLength(1);
      return items;
    }, soon);
    expect(quiet).toMatchObject({ buildable: false, pending: false, blocked: false });
    expect(reads(quiet?.why ?? "")).toEqual({ kind: "quiet-period" });
    await under.build(job);
    await under.cancelItem((await buildable(job)).id);
  });

  test("an item is followed to its build or its end, where the master tells", async () => {
    const { under, master, own, makeNode, buildable, itemsOf, ended } = on();
    const job = own("followed");
    await under.createJob({ name: job, label: job, parameters: { n: "" } });
    await under.build(job, { n: "1" });
    const first = await buildable(job);
    // A Hudson tells of no item, whether it waits or is gone.
    const tells = under.flavour === "jenkins";
    expect(await master.readQueueItem(first.id)).toEqual(tells ? { kind: "waiting" } : null);
    expect(await master.readNewestBuild(first.job.url)).toBeNull();
    await under.build(job, { n: "2" });
    const second = await vi.waitFor(
      async () => (await itemsOf(job)).find((item) => item.id !== first.id) ?? expect.fail("there is no second item"),
      soon,
    );
    await under.cancelItem(second.id);
    await vi.waitFor(async () => expect(await itemsOf(job)).toHaveLength(1), soon);
    expect(await master.readQueueItem(second.id)).toEqual(tells ? { kind: "cancelled" } : null);
    const name = await makeNode("followed", job);
    const agent = await under.connectAgent(name);
    expect(await ended(job, 1)).toMatchObject([{ builtOn: name, result: "SUCCESS" }]);
    // Each tells its job's newest build, by the address that leads to what became of it.
    const newest = await master.readNewestBuild(first.job.url);
    expect(newest).toMatchObject({ number: 1 });
    expect(await master.readBuild(newest?.url ?? "")).toMatchObject({ job, builtOn: name, result: "SUCCESS" });
    const fate = await master.readQueueItem(first.id);
    if (tells) expect(fate).toMatchObject({ kind: "build", number: 1 });
    else expect(fate).toBeNull();
    if (fate?.kind === "build") {
      expect(jobNameOf(fate.url)).toBe(job);
      expect(await master.readBuild(fate.url)).toMatchObject({ job, number: 1, builtOn: name, result: "SUCCESS" });
    }
    expect(await master.readQueueItem("2000000000")).toBeNull();
    await agent.stop();
    await master.deleteNode(name);
  });

  test("a master that quiets down says so, of itself and of what waits, and starts nothing until it is told to go on", async (context) => {
    const { under, master, own, makeNode, itemsOf, reads, ended } = on();
    if (!under.mayQuietDown) return context.skip("it would hold up the builds of others: --master-may-pause allows it");
    const job = own("paused");
    await under.createJob({ name: job, label: job });
    const name = await makeNode("paused", job);
    const agent = await under.connectAgent(name);
    if (!(await under.quietDown())) return context.skip("the user may not quiet this master down");
    try {
      expect(await master.probe()).toMatchObject({ quietingDown: true });
      await under.build(job);
      await vi.waitFor(
        async () => expect((await itemsOf(job)).map((item) => reads(item.why).kind)).toEqual(["shutting-down"]),
        soon,
      );
      expect(await under.builds(job)).toEqual([]);
    } finally {
      await under.cancelQuietDown();
    }
    expect(await master.probe()).toMatchObject({ quietingDown: false });
    expect(await ended(job, 1)).toMatchObject([{ builtOn: name, result: "SUCCESS" }]);
    await agent.stop();
    await master.deleteNode(name);
  });
}
