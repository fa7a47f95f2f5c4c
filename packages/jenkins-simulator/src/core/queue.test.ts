import { describe, expect, test } from "vitest";
import { createMasterCore, type MasterCore } from "./core.ts";

function fleet(core: MasterCore, names: readonly string[], labels = "go linux"): void {
  for (const name of names) core.createNode({ name, labels });
}

const whys = (core: MasterCore) => core.items().map((item) => core.why(item.id));
const started = (core: MasterCore) => core.works().filter((work) => work.startedAtMs !== null);

describe("the queue", () => {
  test("an item becomes buildable after its quiet period, and starts on an agent that has its label", () => {
    const core = createMasterCore();
    fleet(core, ["n1"]);
    core.createJob({ name: "j", label: "go", quietPeriodMs: 5000, durationMs: 2000 });
    const id = core.build("j");
    expect(core.items()[0]).toMatchObject({ stage: "waiting" });
    expect(core.why(id)).toBe("In the quiet period. Expires in 5 sec");
    core.advance(4900);
    expect(core.why(id)).toBe("In the quiet period. Expires in 0.1 sec");
    core.advance(100);
    expect(core.items()[0]).toMatchObject({ stage: "buildable" });
    core.connect("n1");
    expect(core.items()).toEqual([]);
    core.advance(2000);
    expect(core.works()).toMatchObject([
      { node: "n1", number: 1, result: "SUCCESS", endedBy: "itself", queueIds: [id] },
    ]);
    expect(core.works()[0]?.endedAtMs).toBe(core.nowMs());
  });

  test("equal items are folded into one, others are not", () => {
    const core = createMasterCore();
    core.createJob({ name: "j", label: "go", parameters: { n: "0" } });
    const first = core.build("j", { parameters: { n: "1" } });
    expect(core.build("j", { parameters: { n: "1" } })).toBe(first);
    expect(core.build("j", { parameters: { n: "2" } })).not.toBe(first);
    expect(core.items()).toHaveLength(2);
  });

  test("a job whose builds must not overlap waits for its own", () => {
    const core = createMasterCore();
    fleet(core, ["n1", "n2"]);
    core.connect("n1");
    core.connect("n2");
    core.createJob({ name: "j", label: "go", concurrent: false, durationMs: 60_000, parameters: { n: "" } });
    for (const n of ["1", "2"]) core.build("j", { parameters: { n } });
    expect(started(core)).toHaveLength(1);
    expect(whys(core)).toEqual(["Build #1 is already in progress (ETA: N/A)"]);
    core.advance(60_000);
    expect(started(core)).toHaveLength(2);
  });

  test("a job that is blocked by something else says so", () => {
    const core = createMasterCore();
    core.createJob({ name: "j", label: "go" });
    core.build("j");
    core.blockJob("j", "Upstream project ‘base’ is already building");
    expect(core.items()[0]).toMatchObject({ stage: "blocked" });
    expect(whys(core)).toEqual(["Upstream project ‘base’ is already building"]);
    core.blockJob("j", null);
    expect(core.items()[0]).toMatchObject({ stage: "buildable" });
  });

  test("an executor that has not picked up its item shows it pending", () => {
    const core = createMasterCore({ handOffMs: 20 });
    fleet(core, ["n1"]);
    core.connect("n1");
    core.createJob({ name: "j", label: "go" });
    core.build("j");
    expect(core.items()).toMatchObject([{ stage: "pending" }]);
    expect(core.node("n1").executors[0]).toMatchObject({ hasPicked: false });
    core.advance(20);
    expect(core.items()).toEqual([]);
  });

  test("an executor that goes before it picked up loses nothing", () => {
    const core = createMasterCore({ handOffMs: 20 });
    fleet(core, ["n1", "n2"]);
    core.connect("n1");
    core.createJob({ name: "j", label: "go" });
    core.build("j");
    core.deleteNode("n1");
    core.advance(20);
    expect(core.items()).toMatchObject([{ stage: "buildable" }]);
    expect(core.killed()).toEqual([]);
    core.connect("n2");
    core.advance(2000);
    expect(core.works()).toMatchObject([{ node: "n2", result: "SUCCESS" }]);
  });

  test("what was cancelled can still be asked for, for a while", () => {
    const core = createMasterCore();
    core.createJob({ name: "j", label: "go" });
    const id = core.build("j");
    expect(core.cancel(id)).toBe("cancelled");
    expect(core.cancel(id)).toBe("gone");
    expect(core.state.left.get(id)).toMatchObject({ wasCancelled: true });
    core.advance(300_000);
    expect(core.state.left.has(id)).toBe(false);
  });

  test("quieting down, nothing starts", () => {
    const core = createMasterCore();
    fleet(core, ["n1"]);
    core.connect("n1");
    core.createJob({ name: "j", label: "go" });
    core.quietDown();
    core.build("j");
    expect(whys(core)).toEqual(["Jenkins is about to shut down"]);
    core.cancelQuietDown();
    expect(started(core)).toHaveLength(1);
  });

  test("unlabelled builds go to normal nodes only", () => {
    const core = createMasterCore();
    core.createNode({ name: "own", labels: "go" });
    core.createNode({ name: "open", labels: "go", mode: "NORMAL" });
    core.createJob({ name: "j" });
    core.build("j");
    core.connect("own");
    expect(whys(core)).toEqual(["‘open’ is offline; ‘own’ is reserved for jobs with matching label expression"]);
    core.connect("open");
    expect(core.works()).toMatchObject([{ node: "open" }]);
  });

  test("while the nodes' changes hold the queue's lock, nothing is assigned", () => {
    const core = createMasterCore({ nodeLockMs: 200 });
    core.createJob({ name: "j", label: "go" });
    core.build("j");
    const answered = [1, 2, 3].map((n) => core.createNode({ name: `n${n}`, labels: "go" }) - core.nowMs());
    expect(answered).toEqual([200, 400, 600]);
    core.connect("n1");
    core.advance(599);
    expect(started(core)).toEqual([]);
    core.advance(1);
    expect(core.works()).toMatchObject([{ node: "n1" }]);
  });

  test("the same seed gives the same master again; another one shuffles otherwise", () => {
    const run = (seed: number) => {
      const core = createMasterCore({ seed, assignment: "shuffled" });
      const names = Array.from({ length: 8 }, (_, at) => `n${at}`);
      fleet(core, names);
      core.createJob({ name: "j", label: "go", parameters: { n: "" }, durationMs: [500, 5000] });
      for (const n of names) core.build("j", { parameters: { n } });
      for (const name of names) core.connect(name);
      core.advance(5000);
      return core.works().map((work) => [work.node, work.endedAtMs]);
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  test("a job keeps to its agents while they are idle, as Jenkins' hashing does", () => {
    const core = createMasterCore();
    fleet(
      core,
      Array.from({ length: 20 }, (_, at) => `n${at}`),
    );
    core.batch(() => {
      for (const name of core.state.nodes.keys()) core.connect(name);
    });
    core.createJob({ name: "j", label: "go" });
    for (let round = 0; round < 5; round += 1) {
      core.build("j");
      core.advance(1000);
    }
    expect(new Set(core.works().map((work) => work.node)).size).toBe(1);
  });
});
