import fc from "fast-check";
import { expect, test } from "vitest";
import { createMasterCore, type MasterCore } from "./core.ts";
import { itemsOf } from "./queue-entry.ts";

const names = ["n1", "n2", "n3"];
const jobs = ["free", "linux", "either", "pipeline"];
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("build" as const), job: fc.constantFrom(...jobs), n: fc.nat(5) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.nat(4000) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "create" as const,
        "delete" as const,
        "connect" as const,
        "disconnect" as const,
        "mark" as const,
        "unmark" as const,
      ),
      node: fc.constantFrom(...names),
      labels: fc.constantFrom("linux", "linux mac", "mac"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("restart" as const, "quiet" as const, "loud" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function perform(core: MasterCore, one: Step): void {
  if ("job" in one) core.build(one.job, one.job === "pipeline" ? {} : { parameters: { n: String(one.n) } });
  else if ("ms" in one) core.advance(one.ms);
  else if ("node" in one) toNode(core, one);
  else if (one.do === "restart") core.restart({ downMs: 500 });
  else if (one.do === "quiet") core.quietDown();
  else core.cancelQuietDown();
}

function toNode(core: MasterCore, one: Extract<Step, { node: string }>): void {
  const node = core.state.nodes.get(one.node);
  if (one.do === "create" && node === undefined) core.createNode({ name: one.node, labels: one.labels });
  if (node === undefined || core.state.phase === "starting") return;
  if (one.do === "delete") core.deleteNode(one.node);
  if (one.do === "connect" && node.connectedAtMs === null) core.connect(one.node);
  if (one.do === "disconnect") core.disconnect(one.node);
  if (one.do === "mark") core.markOffline(one.node);
  if (one.do === "unmark") core.bringOnline(one.node);
}

/** What must hold of every master at every moment. */
function check(core: MasterCore): void {
  const { state } = core;
  const held = new Map<object, number>();
  for (const work of state.works) {
    if (work.place !== null) held.set(work.place.executor, (held.get(work.place.executor) ?? 0) + 1);
    if (work.endedAtMs !== null) expect(work.place).toBeNull();
    if (work.startedAtMs !== null) expect(work.startedAtMs).toBeGreaterThanOrEqual(work.queuedAtMs);
  }
  for (const count of held.values()) expect(count).toBe(1);
  for (const node of state.nodes.values()) {
    const isUsable = node.mark === null && node.connectedAtMs !== null;
    expect(state.available.has(node)).toBe(isUsable && node.executors.some((executor) => executor.work === null));
    for (const { work } of node.executors) if (work !== null) expect(work.endedAtMs).toBeNull();
  }
  for (const item of itemsOf(state)) expect(item.work.endedAtMs).toBeNull();
}

/** Nothing that could start stays in the queue while its agent idles. */
function checkNothingIsForgotten(core: MasterCore): void {
  if (core.state.quietingDown || core.state.phase === "starting") return;
  for (const item of core.items()) {
    if (item.stage !== "buildable") continue;
    const fitting = [...core.state.available].filter((node) =>
      item.onlyNode === null ? item.label?.matches(node.atoms) : item.onlyNode === node.name,
    );
    expect(fitting.filter((node) => item.label !== null && !node.isBuiltIn)).toEqual([]);
  }
}

test.each(["jenkins", "shuffled"] as const)(
  "whatever happens, each piece of work runs once at a time and ends once (%s)",
  (assignment) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, seed) => {
        const core = createMasterCore({
          seed,
          assignment,
          handOffMs: seed % 2 === 0 ? 0 : 30,
          nodeLockMs: seed % 3 === 0 ? 0 : 50,
        });
        core.createJob({ name: "free", parameters: { n: "" } });
        core.createJob({ name: "linux", label: "linux", parameters: { n: "" }, durationMs: [100, 3000] });
        core.createJob({ name: "either", label: "linux || mac", parameters: { n: "" }, durationMs: [100, 3000] });
        core.createJob({ name: "pipeline", kind: "pipeline", blocks: [{ label: "linux" }, { label: "mac" }] });
        for (const one of steps) {
          perform(core, one);
          check(core);
        }
        core.cancelQuietDown();
        core.advance(1000);
        check(core);
        checkNothingIsForgotten(core);
        // Once agents for everything come and stay, everything ends.
        if (!core.state.nodes.has("all"))
          core.createNode({ name: "all", labels: "linux mac", mode: "NORMAL", executors: 9 });
        core.advance(1000);
        core.connect("all");
        for (const name of names) {
          if (core.state.nodes.has(name)) core.bringOnline(name);
          if (core.state.nodes.get(name)?.connectedAtMs === null) core.connect(name);
        }
        core.advance(700_000);
        check(core);
        expect(core.items()).toEqual([]);
        expect(core.works().every((work) => work.endedAtMs !== null)).toBe(true);
        expect([...core.state.jobs.values()].flatMap((job) => job.runs).every((run) => run.endedAtMs !== null)).toBe(
          true,
        );
      }),
      { numRuns: 150 },
    );
  },
);
