import { describe, expect, test } from "vitest";
import { type CoreOptions, createMasterCore, type MasterCore } from "./core.ts";

function busy(options: CoreOptions = {}, kind: "freestyle" | "pipeline" = "freestyle"): MasterCore {
  const core = createMasterCore(options);
  core.createNode({ name: "n1", labels: "go" });
  core.connect("n1");
  core.createJob({ name: "j", kind, label: "go", durationMs: 60_000, blocks: [{ label: "go", durationMs: 60_000 }] });
  core.build("j");
  core.advance(options.handOffMs ?? 0);
  expect(core.works()[0]).toMatchObject({ node: "n1", endedAtMs: null });
  return core;
}

const ends = (core: MasterCore) => core.works().map((work) => [work.result, work.endedBy]);

describe("what ends a build", () => {
  test("a mark does not: the build goes on, and no other one comes", () => {
    const core = busy();
    core.markOffline("n1", "goes after its build", "kubestack");
    core.createJob({ name: "k", label: "go" });
    core.build("k");
    core.advance(60_000);
    expect(ends(core)).toEqual([
      ["SUCCESS", "itself"],
      [null, null],
    ]);
    core.bringOnline("n1");
    core.advance(1000);
    expect(ends(core)[1]).toEqual(["SUCCESS", "itself"]);
  });

  test("the removal of its node does, and is written down", () => {
    const core = busy();
    core.deleteNode("n1");
    expect(ends(core)).toEqual([["ABORTED", "node-deleted"]]);
    expect(core.killed()).toMatchObject([{ node: "n1", by: "node-deleted", work: { job: "j" } }]);
    expect(() => core.node("n1")).toThrow(expect.objectContaining({ code: "not-found" }));
  });

  test("a pipeline's block loses its node now, and is cut off five minutes later", () => {
    const core = busy({}, "pipeline");
    core.deleteNode("n1");
    expect(core.killed()).toHaveLength(1);
    core.advance(299_999);
    expect(ends(core)).toEqual([[null, null]]);
    core.advance(1);
    expect(ends(core)).toEqual([["ABORTED", "node-deleted"]]);
    expect(core.job("j").runs[0]).toMatchObject({ result: "ABORTED" });
  });

  test("a lost channel fails a build, while a pipeline's block waits for its agent", () => {
    const plain = busy();
    plain.disconnect("n1");
    expect(ends(plain)).toEqual([["FAILURE", "agent-lost"]]);
    const pipeline = busy({}, "pipeline");
    pipeline.disconnect("n1");
    pipeline.advance(120_000);
    expect(ends(pipeline)).toEqual([[null, null]]);
    pipeline.connect("n1");
    expect(ends(pipeline)).toEqual([["SUCCESS", "itself"]]);
  });

  test("an agent that stays away for five minutes: a pipeline's block is given up, unless the master was told another time", () => {
    const core = busy({}, "pipeline");
    core.disconnect("n1");
    core.advance(299_999);
    expect(ends(core)).toEqual([[null, null]]);
    core.advance(1);
    expect(ends(core)).toEqual([["ABORTED", "agent-lost"]]);
    expect(core.killed()).toMatchObject([{ node: "n1", by: "agent-lost" }]);
    const removed = busy({}, "pipeline");
    removed.disconnect("n1");
    removed.advance(200_000);
    removed.deleteNode("n1");
    removed.advance(99_999);
    expect(ends(removed)).toEqual([[null, null]]);
    removed.advance(1);
    expect(ends(removed)).toEqual([["ABORTED", "agent-lost"]]);
    const hasty = busy({ nodeTimeoutMs: 20_000 }, "pipeline");
    hasty.disconnect("n1");
    hasty.advance(10_000);
    hasty.connect("n1");
    hasty.disconnect("n1");
    hasty.advance(19_999);
    expect(ends(hasty)).toEqual([[null, null]]);
    hasty.advance(1);
    expect(ends(hasty)).toEqual([["ABORTED", "agent-lost"]]);
  });

  test("the loss of its agent, once: a block that is to be tried again begins anew anywhere, one that failed by itself does not", () => {
    const core = createMasterCore();
    core.createJob({ name: "j", kind: "pipeline", blocks: [{ label: "go", durationMs: 60_000, retries: 1 }] });
    for (const name of ["n1", "n2", "n3"]) core.createNode({ name, labels: "go" });
    core.connect("n1");
    core.build("j");
    core.deleteNode("n1");
    core.connect("n2");
    core.advance(300_000);
    expect(core.works().map(({ node, endedBy }) => [node, endedBy])).toEqual([
      ["n1", "node-deleted"],
      ["n2", null],
    ]);
    core.deleteNode("n2");
    core.connect("n3");
    core.advance(300_000);
    expect(core.works()).toHaveLength(2);
    expect(core.job("j").runs[0]).toMatchObject({ result: "ABORTED" });
    core.createJob({ name: "k", kind: "pipeline", blocks: [{ label: "go", result: "FAILURE", retries: 1 }] });
    core.build("k");
    core.advance(5_000);
    expect(core.works()).toHaveLength(3);
    expect(core.job("k").runs[0]).toMatchObject({ result: "FAILURE" });
  });

  test("a reload of configuration as code drops nodes that it does not name, under their builds", () => {
    const core = busy();
    core.createNode({ name: "kept", labels: "go", isKept: true });
    core.reloadConfiguration([{ name: "own", labels: "x" }]);
    expect([...core.state.nodes.keys()].sort()).toEqual(["kept", "own"]);
    expect(core.killed()).toMatchObject([{ by: "configuration-reload" }]);
    const old = createMasterCore({ knowsKeepProperty: false });
    old.createNode({ name: "kept", isKept: true });
    old.reloadConfiguration([]);
    expect(old.state.nodes.size).toBe(0);
  });

  test("a person who stops it", () => {
    const core = busy();
    core.stopBuild("j", 1);
    expect(ends(core)).toEqual([["ABORTED", "stopped"]]);
    expect(core.killed()).toEqual([]);
  });

  test("an ephemeral node goes with its channel", () => {
    const core = createMasterCore();
    core.createNode({ name: "s1", labels: "go", isEphemeral: true });
    core.connect("s1");
    core.disconnect("s1");
    expect(core.state.nodes.size).toBe(0);
  });
});

describe("a restart", () => {
  test("gives a new session, drops channels, keeps marks and the queue", () => {
    const core = createMasterCore();
    core.createNode({ name: "n1", labels: "go" });
    core.connect("n1");
    core.markOffline("n1", "stays");
    core.createJob({ name: "j", label: "go" });
    const id = core.build("j");
    const { session } = core.state;
    core.restart({ downMs: 4000 });
    expect(core.state.phase).toBe("starting");
    core.advance(4000);
    expect(core.state.phase).toBe("running");
    expect(core.state.session).not.toBe(session);
    expect(core.node("n1")).toMatchObject({ connectedAtMs: null, mark: { message: "stays" } });
    expect(core.items().map((item) => item.id)).toEqual([id]);
  });

  test("a block queues again for its node by name, and goes on there only", () => {
    const core = busy({}, "pipeline");
    core.createNode({ name: "n2", labels: "go n1" });
    core.restart({ downMs: 1000 });
    core.advance(1000);
    expect(core.items()).toMatchObject([{ stage: "buildable", onlyNode: "n1" }]);
    core.connect("n2");
    expect(core.items()).toHaveLength(1);
    core.connect("n1");
    expect(core.items()).toEqual([]);
    core.advance(59_000);
    expect(ends(core)).toEqual([["SUCCESS", "itself"]]);
    expect(core.works()[0]?.queueIds).toHaveLength(2);
  });

  test("a block cannot go on while its node is marked, and is given up after five minutes", () => {
    const core = busy({}, "pipeline");
    core.markOffline("n1");
    core.restart();
    core.connect("n1");
    core.advance(299_999);
    expect(core.why(core.items()[0]?.id ?? 0)).toBe("‘n1’ is offline");
    core.advance(1);
    expect(ends(core)).toEqual([["ABORTED", "node-missing"]]);
    expect(core.killed()).toMatchObject([{ by: "node-missing" }]);
  });

  test("put back online in time, it goes on", () => {
    const core = busy({}, "pipeline");
    core.markOffline("n1");
    core.restart();
    core.connect("n1");
    core.advance(100_000);
    core.bringOnline("n1");
    expect(ends(core)).toEqual([["SUCCESS", "itself"]]);
  });

  test("its blocks queue again when its pipelines are loaded, or with the next start where it goes down before", () => {
    const core = busy({}, "pipeline");
    core.restart({ downMs: 1000, pipelinesAfterMs: 20_000 });
    core.advance(20_999);
    expect(core.items()).toEqual([]);
    core.restart({ downMs: 1000, pipelinesAfterMs: 2_000 });
    core.advance(2_999);
    expect(core.items()).toEqual([]);
    core.advance(1);
    expect(core.items()).toMatchObject([{ stage: "buildable", onlyNode: "n1" }]);
    core.connect("n1");
    core.advance(60_000);
    expect(ends(core)).toEqual([["SUCCESS", "itself"]]);
  });

  test("a block whose time is up while it is handed to its node ends once it is there, and never runs again", () => {
    const core = busy({ handOffMs: 40 }, "pipeline");
    core.restart();
    core.advance(60_000 - 20);
    core.connect("n1");
    core.advance(20);
    expect(core.items()).toMatchObject([{ stage: "pending" }]);
    expect(ends(core)).toEqual([[null, null]]);
    core.advance(20);
    expect([core.items(), ends(core)]).toEqual([[], [["SUCCESS", "itself"]]]);
  });

  test("nothing is told any more of items that had left the queue", () => {
    const core = busy();
    const id = core.works()[0]?.queueIds[0] ?? 0;
    expect(core.state.left.has(id)).toBe(true);
    core.restart();
    expect(core.state.left.has(id)).toBe(false);
  });

  test("freestyle builds die, by the restart and by nobody else", () => {
    const core = busy();
    core.restart();
    expect(ends(core)).toEqual([["ABORTED", "restart"]]);
    expect(core.killed()).toEqual([]);
  });

  test("a crash loses the queue, and its ids begin anew", () => {
    const core = createMasterCore();
    core.createJob({ name: "j", label: "go" });
    expect(core.build("j")).toBe(1);
    core.restart({ losesQueue: true });
    expect(core.items()).toEqual([]);
    expect(core.build("j")).toBe(1);
  });
});

describe("what needs more than one agent", () => {
  test("a pipeline runs its blocks one after the other, each on its own agent", () => {
    const core = createMasterCore();
    core.createNode({ name: "n1", labels: "go" });
    core.createNode({ name: "n2", labels: "rust" });
    core.connect("n1");
    core.connect("n2");
    core.createJob({ name: "p", kind: "pipeline", blocks: [{ label: "go" }, { label: "rust" }] });
    core.build("p");
    core.advance(1000);
    expect(core.works().map((work) => work.node)).toEqual(["n1", "n2"]);
    expect(core.job("p").runs[0]?.endedAtMs).toBeNull();
    core.advance(1000);
    expect(core.job("p").runs).toMatchObject([{ number: 1, result: "SUCCESS", builtOn: null }]);
  });

  test("a failed block ends its pipeline; parallel ones queue at once", () => {
    const core = createMasterCore();
    core.createNode({ name: "n1", labels: "go", executors: 2 });
    core.connect("n1");
    const blocks = [{ label: "go", result: "FAILURE" as const }, { label: "go" }];
    core.createJob({ name: "one", kind: "pipeline", blocks });
    core.createJob({ name: "all", kind: "pipeline", blocks, parallel: true });
    core.build("one");
    core.advance(5000);
    expect(core.works()).toHaveLength(1);
    core.build("all");
    expect(core.works()).toHaveLength(3);
    core.advance(5000);
    for (const name of ["one", "all"]) expect(core.job(name).runs[0]?.result).toBe("FAILURE");
  });

  test("a matrix queues one item for each combination, by its label", () => {
    const core = createMasterCore();
    core.createNode({ name: "n1", labels: "linux" });
    core.createJob({ name: "m", kind: "matrix", combinations: { "os=linux": "linux", "os=mac": "mac" } });
    core.build("m");
    expect(
      core
        .items()
        .map((item) => item.label?.text)
        .sort(),
    ).toEqual(["linux", "mac"]);
    core.createNode({ name: "n2", labels: "mac" });
    core.connect("n1");
    core.connect("n2");
    core.advance(1000);
    const parent = core.job("m").runs.find((run) => run.combination === "");
    expect(parent).toMatchObject({ result: "SUCCESS", unfinished: 0 });
  });

  test("a label that a parameter gives is the build's, not the job's", () => {
    const core = createMasterCore();
    core.createNode({ name: "n1", labels: "arm" });
    core.connect("n1");
    core.createJob({ name: "j", labelParameter: "NODE", parameters: { NODE: "x86" } });
    core.build("j", { parameters: { NODE: "arm" } });
    expect(core.works()).toMatchObject([{ label: "arm", node: "n1" }]);
  });
});
