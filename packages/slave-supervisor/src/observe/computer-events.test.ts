import type { Completion, Computer, SlaveState } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { recordAfter, recordIn, relaunching, type Told, ways } from "../slave-record.fixture.ts";
import { eventsOfCompletion, eventsOfComputer } from "./computer-events.ts";

const at = 2_000_000;
const now = { readAt: at - 50, isWhole: true, at };
const name = "ks-m-abcd1";

function shown(changed: Partial<Computer> = {}): Computer {
  return { name, online: true, markedOffline: false, idle: true, executors: 1, labels: null, builds: [], ...changed };
}

const offline = shown({ online: false });
const marked = shown({ online: false, markedOffline: true });
const running = (url: string, changed: Partial<Computer> = {}) =>
  shown({ idle: false, builds: [{ url, number: 1 }], ...changed });

const lost: Told = { type: "agent.lost", reason: "the agent's connection is gone" };

describe("a computer whose slave's pod was lost under its build is", () => {
  const { lost: podLost, next, ready } = relaunching;
  const accepted: Told = { type: "pod.accepted", uid: "uid-2" };
  const atWork = running("job/a/1/");
  test.each<[string, Computer | undefined, readonly Told[], readonly object[]]>([
    ["no agent's while it is marked, though it shows the build", { ...atWork, ...marked, idle: false }, podLost, []],
    ["online by what is left of that pod's connection", atWork, podLost, []],
    ["online before the next pod has its Secret", atWork, [...next, accepted], []],
    ["online by the next pod's agent", atWork, ready, [{ type: "agent.online" }]],
    [
      "online in a reading that began before the next pod had its Secret",
      atWork,
      [...next, accepted, { type: "secret.created", at }],
      [],
    ],
    ["idle and marked: its build is over", marked, next, [{ type: "build.finished", url: "job/a/1/" }]],
    [
      "gone while the next pod is on its way",
      undefined,
      ready,
      [{ type: "node.dropped", reason: "its node is gone from the master" }],
    ],
  ])("%s", (_, computer, events, expected) => {
    const slave = recordAfter(events, {}, { relaunch: 1 });
    expect(eventsOfComputer(computer, slave, now)).toEqual(expected.map((event) => ({ ...event, at })));
  });
});

describe("a computer that is", () => {
  test.each<[string, Computer | undefined, readonly Told[], readonly object[]]>([
    ["online for the first time", shown(), ways.scheduled, [{ type: "agent.online" }]],
    ["online before the pod's answer is known", shown(), ways.requested, [{ type: "agent.online" }]],
    ["online and idle still", shown(), ways.online, []],
    ["online again", shown(), [...ways.online, lost], [{ type: "agent.online" }]],
    ["online again with its build", running("job/a/1/"), [...ways.busy, lost], [{ type: "agent.online" }]],
    ["not connected yet", offline, ways.scheduled, []],
    ["offline: its connection is gone", offline, ways.online, [lost]],
    ["offline in the midst of a build", offline, ways.busy, [lost]],
    ["offline still", offline, [...ways.online, lost], []],
    [
      "marked offline by a person or a monitor, though idle and connected (H15)",
      marked,
      ways.online,
      [{ type: "agent.lost", reason: "somebody marked its node offline at the master" }],
    ],
    [
      "marked offline in the midst of its build, by us or by somebody: the build goes on",
      running("job/a/1/", { online: false, markedOffline: true }),
      ways.busy,
      [],
    ],
    ["marked offline by us", marked, ways.draining, []],
    [
      "seen busy first",
      running("job/a/1/"),
      ways.scheduled,
      [{ type: "agent.online" }, { type: "build.started", url: "job/a/1/" }],
    ],
    ["running a build", running("job/a/1/"), ways.online, [{ type: "build.started", url: "job/a/1/" }]],
    ["running the build that is known", running("job/a/1/"), ways.busy, []],
    ["running the next build already", running("job/a/2/"), ways.busy, [{ type: "build.started", url: "job/a/2/" }]],
    ["idle again", shown(), ways.busy, [{ type: "build.finished", url: "job/a/1/" }]],
    [
      "idle again and marked",
      marked,
      [...ways.busy, { type: "offline.marked" }],
      [{ type: "build.finished", url: "job/a/1/" }],
    ],
    [
      "running a build that is hidden from us",
      shown({ idle: false, builds: [{ url: "", number: null }] }),
      ways.busy,
      [],
    ],
    ["at work beside its executors", shown({ idle: false }), ways.busy, []],
    [
      "running a build though it was to go",
      running("job/b/1/"),
      [...ways.online, { type: "drain.requested", reason: "", outcome: "withdrawn" }],
      [{ type: "build.started", url: "job/b/1/" }],
    ],
    [
      "not there any more",
      undefined,
      ways.online,
      [{ type: "node.dropped", reason: "its node is gone from the master" }],
    ],
    [
      "not there any more though its agent is on its way",
      undefined,
      ways.scheduled,
      [{ type: "node.dropped", reason: "its node is gone from the master" }],
    ],
    [
      "marked and at its build, after its agent was seen lost: whether that is back does not show",
      running("job/a/1/", { online: false, markedOffline: true }),
      [...ways.busy, lost, { type: "offline.marked" }],
      [{ type: "agent.online" }],
    ],
    [
      "not there any more, with its build",
      undefined,
      ways.busy,
      [{ type: "agent.lost", reason: "its node is gone from the master" }],
    ],
    ["not there, and known as lost", undefined, [...ways.busy, lost], []],
    ["not there yet", undefined, [{ type: "pod.accepted", uid: "uid-1" }], []],
    ["there though its node was removed: an old reading", shown(), [...ways.draining, { type: "node.removed" }], []],
    ["there though it is long deleted", running("job/x/1/"), ways.deleted, []],
  ])("%s", (_, computer, events, told) => {
    expect(eventsOfComputer(computer, recordAfter(events), now)).toEqual(told.map((event) => ({ ...event, at })));
  });

  test("not among those that a look shows is no news: a look shows some only", () => {
    expect(eventsOfComputer(undefined, recordIn("online"), { ...now, isWhole: false })).toEqual([]);
  });

  test("shown by a reading that began before the build did has not finished it", () => {
    const slave = recordIn("busy");
    const startedAt = slave.life.builds.current?.startedAt ?? 0;
    expect(eventsOfComputer(shown(), slave, { ...now, readAt: startedAt - 1 })).toEqual([]);
    expect(eventsOfComputer(shown(), slave, { ...now, readAt: startedAt })).toHaveLength(1);
  });

  test("missing in a reading that began before it connected is not gone", () => {
    const slave = recordIn("online");
    const { firstOnlineAt } = slave.life.agent;
    expect(eventsOfComputer(undefined, slave, { ...now, readAt: firstOnlineAt ?? 0 })).toEqual([]);
  });
});

describe("a fact about a build", () => {
  const fact = (phase: Completion["phase"], url: string): Completion => ({
    master: "m",
    phase,
    listener: "jenkins-computers",
    node: name,
    build: { url, number: 1 },
    result: null,
    at,
  });

  test.each<[string, Completion, SlaveState, readonly object[]]>([
    ["that it began", fact("started", "job/a/1/"), "online", [{ type: "build.started", url: "job/a/1/" }]],
    ["that it began, known already", fact("started", "job/a/1/"), "busy", []],
    ["that it began, though it is over", fact("started", "job/a/1/"), "draining", []],
    ["that its result is known", fact("completed", "job/a/1/"), "busy", []],
    ["that it is over", fact("finished", "job/a/1/"), "busy", [{ type: "build.finished", url: "job/a/1/" }]],
    ["that it is over, known already", fact("finished", "job/a/1/"), "draining", []],
    [
      "that one is over which was never seen",
      fact("finished", "job/b/1/"),
      "online",
      [{ type: "build.finished", url: "job/b/1/" }],
    ],
  ])("%s", (_, completion, state, told) => {
    expect(eventsOfCompletion(completion, recordIn(state).life, at)).toEqual(told.map((event) => ({ ...event, at })));
  });
});
