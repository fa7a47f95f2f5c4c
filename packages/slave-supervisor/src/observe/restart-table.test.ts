import type { Computer, SlaveState } from "@kubestack/contracts";
import { outstanding, step } from "@kubestack/slave";
import { describe, expect, test } from "vitest";
import { recordAfter, type Told, ways } from "../slave-record.fixture.ts";
import { eventsOfComputer } from "./computer-events.ts";

const name = "ks-m-abcd1";
const url = "job/a/1/";
const at = 2_000_000;

type Node = "gone" | "marked" | "away" | "back" | "at its build";

/** What the first round of the new start shows; a marked node does not tell whether its agent is there. */
const shown: Readonly<Record<Node, Partial<Computer> | undefined>> = {
  gone: undefined,
  marked: { online: false, markedOffline: true },
  away: { online: false },
  back: {},
  "at its build": { idle: false, builds: [{ url, number: 1 }] },
};

/** What becomes of a slave of each state, by what the master shows of its node after it was started anew. */
const table: readonly [SlaveState, Node, SlaveState, readonly string[]][] = [
  ["requested", "gone", "requested", ["createPod"]],
  ["scheduled", "gone", "scheduled", ["registerNode"]],
  ["scheduled", "away", "scheduled", []],
  ["scheduled", "back", "online", []],
  ["scheduled", "at its build", "busy", ["markOffline"]],
  ["online", "gone", "draining", ["registerNode"]],
  ["online", "away", "online", []],
  ["online", "marked", "online", []],
  ["online", "back", "online", []],
  ["online", "at its build", "busy", ["markOffline"]],
  ["busy", "gone", "busy", ["registerNode", "askBuilds"]],
  ["busy", "marked", "busy", ["bringOnline", "askBuilds"]],
  ["busy", "away", "busy", ["bringOnline", "askBuilds"]],
  ["busy", "back", "busy", ["bringOnline", "askBuilds"]],
  ["busy", "at its build", "busy", ["markOffline"]],
  ["draining", "gone", "draining", ["markOffline"]],
  ["draining", "marked", "draining", ["markOffline"]],
  ["draining", "back", "draining", ["markOffline"]],
  ["draining", "at its build", "draining", ["markOffline"]],
  ["deleted", "back", "deleted", []],
];

/** The slave as the new start of its master finds it, after these further events. */
function afterRestart(state: SlaveState, node: Node, ...further: readonly Told[]) {
  const record = recordAfter([...ways[state], { type: "session.seen", session: "before" }]);
  const part = shown[node];
  const computer: Computer | undefined = part && {
    name,
    online: true,
    markedOffline: false,
    idle: true,
    executors: 1,
    labels: null,
    builds: [],
    ...part,
  };
  const events = eventsOfComputer(computer, record, { readAt: at - 50, isWhole: true, session: "after", at });
  let now = { state: record.state, life: record.life };
  for (const event of [...events, ...further]) now = step(now.state, now.life, { at: at + 1000, ...event } as never);
  const due = outstanding(now.state, now.life).map(({ type }) => type);
  return { ...now, due: due.filter((type) => type !== "announce") };
}

describe("after a restart of the master", () => {
  test.each(table)("a %s slave whose node is %s: %s, %j", (state, node, becomes, due) => {
    const slave = afterRestart(state, node);
    expect([slave.state, slave.due]).toEqual([becomes, due]);
  });

  const over: Told = { type: "build.finished", url };
  const wanted: Told = { type: "build.awaited", url, readAt: at };
  test.each<[Node, string, readonly Told[], SlaveState, readonly string[]]>([
    ["marked", "is over by its own page", [over], "draining", ["markOffline"]],
    ["back", "is over by its own page", [over], "draining", ["markOffline"]],
    // Another one may have begun there, and wait for its node: that is made anew, marked, and goes after a minute.
    ["gone", "is over by its own page", [over], "draining", ["registerNode"]],
    ["marked", "waits in the queue for its node", [wanted], "busy", ["bringOnline", "askBuilds"]],
    ["gone", "waits in the queue for its node", [wanted], "busy", ["registerNode", "askBuilds"]],
    ["at its build", "runs on", [{ type: "offline.marked" }], "busy", []],
    ["at its build", "ends", [{ type: "offline.marked" }, over], "draining", ["look"]],
  ])("a busy slave whose node is %s, and whose build %s", (node, _, further, becomes, due) => {
    const slave = afterRestart("busy", node, ...further);
    expect([slave.state, slave.due]).toEqual([becomes, due]);
  });

  test("offline and idle, with its node there, it is never removed for a build whose end nobody saw", () => {
    for (const node of ["marked", "away", "back"] as const) {
      const { state, due } = afterRestart("busy", node);
      expect([node, state, due.includes("removeNode"), due.includes("deletePod")]).toEqual([
        node,
        "busy",
        false,
        false,
      ]);
    }
  });
});

describe("in one start of the master", () => {
  test("a node that it drops under a build is left alone: its agent is lost, and the build is the master's to end", () => {
    const record = recordAfter([...ways.busy, { type: "session.seen", session: "before" }]);
    expect(eventsOfComputer(undefined, record, { readAt: at - 50, isWhole: true, session: "before", at })).toEqual([
      { type: "agent.lost", reason: "its node is gone from the master", at },
    ]);
  });

  test("the first one that a slave is seen in is told with what else is new, or where it is busy", () => {
    const reading = { readAt: at - 50, isWhole: true, session: "one", at };
    const computer = { name, online: true, markedOffline: false, idle: true, executors: 1, labels: null, builds: [] };
    const typesOf = (state: SlaveState) =>
      eventsOfComputer(computer, recordAfter(ways[state]), reading).map(({ type }) => type);
    expect([typesOf("scheduled"), typesOf("online"), typesOf("busy")]).toEqual([
      ["session.seen", "agent.online"],
      [],
      ["session.seen", "build.finished"],
    ]);
  });

  test("a master that does not tell its starts, as Hudson, is never taken for a new one", () => {
    const record = recordAfter([...ways.busy, { type: "session.seen", session: "before" }]);
    const computer = { name, online: false, markedOffline: true, idle: true, executors: 1, labels: null, builds: [] };
    expect(eventsOfComputer(computer, record, { readAt: at, isWhole: true, session: null, at })).toEqual([
      { type: "build.finished", url, at },
    ]);
  });
});
