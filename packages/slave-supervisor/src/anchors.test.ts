import { type Computer, type DemandSource, KubestackError, type QueueItem } from "@kubestack/contracts";
import { createLogger } from "@kubestack/runtime";
import { manualTiming } from "@kubestack/runtime/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { anchorNames, anchorWork, sizesSought } from "./anchoring.ts";
import { Anchors } from "./anchors.ts";
import type { MasterScope } from "./master-scope.ts";
import { type MemoryBus, memoryBus } from "./memory-bus.fixture.ts";
import { NodeBudget } from "./node-budget/node-budget.ts";
import { template } from "./slave-record.fixture.ts";

const [first, second] = anchorNames("prod");

function anchor(name: string, labels: string[] | null): Computer {
  return { name, online: false, markedOffline: false, idle: true, executors: 1, labels, builds: [] };
}

describe("the anchors' work", () => {
  const labels = ["go", "python"];
  const sound = [anchor(first, ["python", "go", first]), anchor(second, ["go", "python", second])];

  test.each<[string, Computer[], { create: string[]; replace: string[] }]>([
    ["both, where none is there", [], { create: [first, second], replace: [] }],
    ["none, where both stand as wanted", sound, { create: [], replace: [] }],
    ["the missing one", sound.slice(1), { create: [first], replace: [] }],
    [
      "one whose labels are others by now",
      [sound[0] as Computer, anchor(second, ["go", second])],
      { create: [], replace: [second] },
    ],
    [
      "one that has a label too many",
      [anchor(first, ["go", "python", "x", first]), sound[1] as Computer],
      { create: [], replace: [first] },
    ],
    [
      "none, where the master tells no labels",
      [anchor(first, null), anchor(second, null)],
      { create: [], replace: [] },
    ],
    [
      "both, where only another installation's are there",
      anchorNames("other").map((name) => anchor(name, labels)),
      { create: [first, second], replace: [] },
    ],
  ])("is %s", (_, computers, work) => {
    expect(anchorWork("prod", labels, computers)).toEqual({ ...work, remove: [] });
  });

  test("is to remove ours where no label is wanted, and nobody else's", () => {
    const others = anchorNames("other").map((name) => anchor(name, labels));
    const nothing = { create: [], replace: [] };
    expect(anchorWork("prod", [], [...sound, ...others])).toEqual({ ...nothing, remove: [first, second] });
    expect(anchorWork("prod", [], others)).toEqual({ ...nothing, remove: [] });
  });
});

describe("the sizes that anchors carry", () => {
  const sizing = template({ overrides: { cpu: { max: 8 } } });
  const item = (expression: string) => ({ wants: { kind: "expression", expression } }) as unknown as QueueItem;
  const sought = (asked: string[], carried: string[] = [], templates = [sizing]) =>
    sizesSought({ install: "prod", templates, items: asked.map(item), computers: [anchor(first, carried)] });

  test("are those that waiting builds ask for and a template offers, and those that were", () => {
    expect(sought(["python && cpu=4", "python", "python && cpu=16", "go && cpu=2", "python && cpu=4"])).toEqual([
      "cpu=4",
    ]);
    expect(sought(["python && cpu=4"], [first, "python", "cpu=2", "memory=1Gi"])).toEqual(["cpu=4", "cpu=2"]);
    expect(sought(["python && cpu=4"], ["cpu=2"], [template()])).toEqual([]);
  });

  test("are 64 at most, those that are asked for now before the others", () => {
    const carried = Array.from({ length: 70 }, (_, at) => `cpu=${at + 1}m`);
    const labels = sought(["python && cpu=4"], carried);
    expect([labels.length, labels[0]]).toEqual([64, "cpu=4"]);
  });
});

describe("anchors", () => {
  let bus: MemoryBus;
  let nodes: Map<string, readonly string[]>;
  let flavour: "jenkins" | "hudson";
  let failure: KubestackError | undefined;
  let creates: number;
  const demand: { source: DemandSource | undefined; isMasterKnown: () => boolean } = {
    source: undefined,
    isMasterKnown: () => true,
  };

  beforeEach(() => {
    bus = memoryBus();
    nodes = new Map();
    flavour = "jenkins";
    failure = undefined;
    creates = 0;
  });

  interface Changed {
    anchors?: "auto" | "off";
    labels?: string[];
    isOwner?: boolean;
    isListed?: boolean;
  }

  function anchors(changed: Changed = {}): Anchors {
    const master = {
      probe: async () => ({ flavour }),
      createNode: async ({ name, labels }: { name: string; labels: readonly string[] }) => {
        creates += 1;
        if (failure !== undefined) throw failure;
        if (nodes.has(name)) throw new KubestackError("already-exists", "there already");
        nodes.set(name, labels);
      },
      deleteNode: async (name: string) => void nodes.delete(name),
    };
    const templates = [
      template({ labels: changed.labels ?? ["python", "linux"] }),
      template({ name: "go", labels: ["linux"] }),
    ];
    const options = {
      bus,
      install: "prod",
      name: "m",
      anchors: changed.anchors ?? "auto",
      isListed: changed.isListed ?? true,
      templates,
      target: { master },
      log: createLogger({ level: "silent" }),
    };
    const budget = new NodeBudget({ perSecond: 1000, timing: manualTiming(), removesFirst: () => false });
    return new Anchors({
      options,
      demand,
      nodes: budget,
      isOwner: () => changed.isOwner ?? true,
    } as unknown as MasterScope);
  }

  /** What a round shows of the nodes. */
  async function show(to: Anchors): Promise<void> {
    const computers = [...nodes].map(([name, labels]) => anchor(name, [...labels, name]));
    to.saw({ computers } as DemandSource);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  }

  test("carry every served label once, are made once, and made anew when labels change", async () => {
    const kept = anchors();
    await show(kept);
    await show(kept);
    expect([...nodes]).toEqual([
      [first, ["linux", "python"]],
      [second, ["linux", "python"]],
    ]);
    expect(creates).toBe(2);
    await show(anchors({ labels: ["gpu"] }));
    expect([...nodes.values()]).toEqual([
      ["gpu", "linux"],
      ["gpu", "linux"],
    ]);
  });

  test.each<[string, Changed]>([
    ["the configuration names the master no more", { isListed: false }],
    ["they are switched off", { anchors: "off" }],
  ])("are removed when %s, and never twice", async (_, changed) => {
    nodes.set("ks-anchor-other-1", ["python"]);
    await show(anchors());
    expect(nodes.size).toBe(3);
    const removed = anchors(changed);
    await show(removed);
    await show(removed);
    expect([...nodes.keys()]).toEqual(["ks-anchor-other-1"]);
    expect(creates).toBe(2);
  });

  test.each<[string, () => Anchors]>([
    ["the configuration says off", () => anchors({ anchors: "off" })],
    ["this process does not own the master", () => anchors({ isOwner: false })],
    [
      "the master is a Hudson",
      () => {
        flavour = "hudson";
        return anchors();
      },
    ],
  ])("are not made where %s", async (_, make) => {
    const none = make();
    await show(none);
    await show(none);
    expect(creates).toBe(0);
  });

  test("are known to be gone only by a round that was read after the last was made or removed", async () => {
    const kept = anchors();
    demand.source = { readAt: bus.time, computers: [] } as unknown as DemandSource;
    expect(kept.present(bus.time)).toBe("gone");
    bus.time += 1000;
    await show(kept);
    expect(kept.present(bus.time)).toBe("unknown");
    bus.time += 1000;
    const computers = [...nodes].map(([name, labels]) => anchor(name, [...labels]));
    demand.source = { readAt: bus.time, computers } as unknown as DemandSource;
    expect(kept.present(bus.time)).toBe("there");
  });

  test("that the master refuses are tried for again after a minute", async () => {
    const refused = anchors();
    failure = new KubestackError("credential-refused", "no leave to create");
    await show(refused);
    await show(refused);
    expect(creates).toBe(1);
    bus.time += 60_000;
    failure = undefined;
    await show(refused);
    expect(nodes.size).toBe(2);
  });
});
