import { describe, expect, test } from "vitest";
import { type CoreOptions, createMasterCore, type MasterCore } from "./core.ts";
import { isStuck } from "./why.ts";
import { timeSpan } from "./words.ts";

function waiting(options: CoreOptions, prepare: (core: MasterCore) => void): string | null {
  const core = createMasterCore(options);
  core.createJob({ name: "j", label: "go && linux" });
  prepare(core);
  return core.why(core.build("j"));
}

const two = (core: MasterCore) => {
  core.createNode({ name: "n1", labels: "go linux" });
  core.createNode({ name: "n2", labels: "go linux" });
};
const oneBusy = (core: MasterCore) => {
  core.createNode({ name: "n1", labels: "go linux" });
  core.connect("n1");
  core.createJob({ name: "long", label: "go", durationMs: null });
  core.build("long");
};

describe("why an item waits", () => {
  test("without any node the label is hidden", () => {
    expect(waiting({}, () => {})).toBe("Waiting for next available executor");
  });

  test("without any node, an idle executor of the master itself tells it again", () => {
    expect(waiting({ builtInExecutors: 2 }, () => {})).toBe("‘Built-In Node’ doesn’t have label ‘go&&linux’");
  });

  test("nobody has the label", () => {
    expect(waiting({}, (core) => void core.createNode({ name: "n1", labels: "other" }))).toBe(
      "There are no nodes with the label ‘go&&linux’",
    );
  });

  test("the one that has it is offline", () => {
    const prepare = (core: MasterCore) => void core.createNode({ name: "n1", labels: "go linux" });
    expect(waiting({}, prepare)).toBe("‘n1’ is offline");
    expect(waiting({ wording: "2.100" }, prepare)).toBe("n1 is offline");
  });

  test("all that have it are offline, marked ones as well", () => {
    const prepare = (core: MasterCore) => {
      two(core);
      core.connect("n1");
      core.markOffline("n1");
    };
    for (const wording of ["2.579", "2.300", "2.100", "1.651"] as const) {
      expect(waiting({ wording }, prepare)).toBe("All nodes of label ‘go&&linux’ are offline");
    }
  });

  test("the one that has it is busy: its name is told, not the label", () => {
    expect(waiting({}, oneBusy)).toBe("Waiting for next available executor on ‘n1’");
    expect(waiting({ wording: "1.651" }, oneBusy)).toBe("Waiting for next available executor on n1");
  });

  test("several have it, and those online are busy", () => {
    const prepare = (core: MasterCore) => {
      oneBusy(core);
      core.createNode({ name: "n2", labels: "go linux" });
    };
    expect(waiting({}, prepare)).toBe("Waiting for next available executor on ‘go&&linux’");
  });

  test("an idle one is refused by a plugin: the sentences of all idle executors, five at most", () => {
    const prepare = (core: MasterCore) => {
      two(core);
      core.connect("n1");
      core.refuse((_, node) => (node === "n1" ? "Already running 2 builds on node" : null));
      for (let at = 3; at < 9; at += 1) core.createNode({ name: `n${at}`, labels: "other" });
    };
    expect(waiting({}, prepare)).toBe(
      "Already running 2 builds on node; ‘n2’ is offline; ‘n3’ doesn’t have label ‘go&&linux’; ‘n4’ doesn’t have label ‘go&&linux’; ‘n5’ doesn’t have label ‘go&&linux’; ... and 3 more",
    );
    expect(waiting({ wording: "1.651" }, prepare)).toBe("Waiting for next available executor on go&&linux");
  });

  test("a block that goes on wants one node by its name", () => {
    const core = createMasterCore();
    core.createJob({ name: "p", kind: "pipeline", blocks: [{ label: "go", continuedOn: "n1" }] });
    core.createNode({ name: "other", labels: "n1" });
    core.connect("other");
    core.build("p");
    const said = () => core.why(core.items()[0]?.id ?? 0);
    expect(said()).toBe("Must run on n1 not other");
    core.createNode({ name: "n1", labels: "go" });
    core.disconnect("other");
    core.deleteNode("other");
    expect(said()).toBe("‘n1’ is offline");
    core.connect("n1");
    expect(core.works()).toMatchObject([{ node: "n1" }]);
  });

  test("stuck: at once where all that have the label are offline, else after ten times the job's time", () => {
    const core = createMasterCore();
    core.createNode({ name: "n1", labels: "go linux" });
    core.createJob({ name: "j", label: "go" });
    core.build("j");
    const stuck = () => core.items().map((item) => isStuck(core.state, item));
    expect(stuck()).toEqual([true]);
    core.refuse(() => "not now");
    core.connect("n1");
    expect(stuck()).toEqual([false]);
    core.advance(86_400_001);
    expect(stuck()).toEqual([true]);
  });

  test.each([
    [5, "5 ms"],
    [120, "0.12 sec"],
    [4950, "4.9 sec"],
    [12_000, "12 sec"],
    [123_000, "2 min 3 sec"],
    [900_000, "15 min"],
    [7_200_000, "2 hr 0 min"],
  ])("%i ms are printed as %s", (ms, text) => expect(timeSpan(ms)).toBe(text));
});
