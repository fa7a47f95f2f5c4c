import { type SlaveLife, slaveStates } from "@kubestack/contracts";
import { expect, test, vi } from "vitest";
import { adjacencyMapToArray, getAdjacencyMap, getShortestPaths } from "xstate/graph";
import type { SlaveEvent } from "./events.ts";
import { isPodAlive, newLife } from "./life.ts";
import { slaveMachine } from "./machine.ts";
import { bornAt, limits } from "./slave.fixture.ts";

// Many random cases, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 120_000 });

const at = bornAt;
const late = bornAt + 86_400_000;
const events: SlaveEvent[] = [
  { type: "pod.accepted", at, uid: "uid-1" },
  { type: "pod.refused", at, reason: "quota" },
  { type: "pod.ended", at, reason: "ended" },
  { type: "pod.gone", at, reason: "gone" },
  { type: "pod.leaving", at, goneBy: at },
  { type: "pod.retained", at, until: late, because: "failed" },
  { type: "retention.declined", at },
  { type: "deadline.passed", at: late, clock: "retain", reason: "still there" },
  { type: "node.removed", at },
  { type: "node.dropped", at, reason: "dropped" },
  { type: "session.seen", at, session: "one" },
  { type: "session.seen", at, session: "two" },
  { type: "build.awaited", at, url: "job/b/2/", readAt: at + 1 },
  { type: "build.told", at, url: "job/b/2/", readAt: at + 1 },
  { type: "offline.unmarked", at },
  { type: "secret.gone", at },
  { type: "agent.online", at },
  { type: "agent.lost", at, reason: "lost" },
  { type: "build.started", at, url: "job/a/1/" },
  { type: "build.finished", at, url: "job/a/1/" },
  { type: "offline.marked", at },
  { type: "looked", at, beganAt: at, build: null },
  { type: "looked", at, beganAt: at + 1000, build: null },
  { type: "looked", at, beganAt: at + 1000, build: "job/b/2/" },
  { type: "drain.requested", at, reason: "enough", outcome: "withdrawn" },
  { type: "hold.requested", at, by: "ann", until: late, reason: "" },
  { type: "deadline.passed", at: late, clock: "hold", reason: "over" },
  { type: "master.forgotten", at, reason: "forgotten" },
  { type: "deadline.passed", at: late, clock: "idle", reason: "idle" },
  { type: "deadline.passed", at: late, clock: "lost", reason: "lost" },
  { type: "deadline.passed", at: late, clock: "resume", reason: "in vain" },
  { type: "deadline.passed", at: late, clock: "force", reason: "overdue" },
  { type: "deadline.passed", at: late, clock: "drain", reason: "long ago" },
];

/** Lives that differ in anything else are one place on the map. */
function placeOf(life: SlaveLife): unknown[] {
  const { pod, node, secret, builds } = life;
  return [
    [pod.uid, pod.goneAt, node.removedAt, secret.goneAt, builds.current, life.markedAt].map((value) => value !== null),
    [isPodAlive(life), Math.min(life.idleLooks, 2), life.podMayGoFirst, pod.isOverdue, life.held !== null],
    [life.attempt, life.lost !== null],
    [builds.awaited.length > 0, life.unmarkedAt !== null, node.registeredAt !== null, life.session],
  ];
}

const options = {
  input: newLife(limits, { at, reason: "born" }),
  events,
  serializeState: (snapshot: { value: unknown; context: SlaveLife }) =>
    JSON.stringify([snapshot.value, placeOf(snapshot.context)]),
  limit: 200_000,
};

/** The same where another pod may follow a lost one; people and restarts of the master are left out, or the map were too large. */
const followed = {
  ...options,
  input: newLife({ ...limits, relaunch: 1 }, { at, reason: "born" }),
  events: [
    ...events.filter(
      (event) =>
        !/^(hold|retention|session|build\.(awaited|told))|retained/.test(event.type) &&
        (event.type !== "deadline.passed" || !["hold", "retain", "resume"].includes(event.clock)),
    ),
    { type: "node.registered", at },
    { type: "secret.created", at },
    { type: "deadline.passed", at: late, clock: "request", reason: "not created" },
  ] satisfies SlaveEvent[],
};

const maps = [
  ["as usual", options],
  ["where another pod may follow a lost one", followed],
] as const;

test.each(maps)("the shortest way to each state exists, %s", (_, options) => {
  const reached = new Set(getShortestPaths(slaveMachine, options).map(({ state }) => state.value));
  expect(reached).toEqual(new Set(slaveStates));
});

test("a second pod is on the map where one may follow, and nowhere else", () => {
  const attempts = (of: typeof options) =>
    new Set(getShortestPaths(slaveMachine, of).map(({ state }) => state.context.attempt));
  expect([attempts(options), attempts(followed)]).toEqual([new Set([1]), new Set([1, 2])]);
});

test.each(maps)("from every place on the map deleted can be reached, %s", (_, options) => {
  const ways = new Map<string, string[]>();
  for (const { state, nextState } of adjacencyMapToArray(getAdjacencyMap(slaveMachine, options))) {
    const next = options.serializeState(nextState);
    ways.set(next, [...(ways.get(next) ?? []), options.serializeState(state)]);
  }
  const places = new Set([...ways.keys(), ...[...ways.values()].flat()]);
  const good = new Set([...places].filter((place) => place.startsWith('["deleted"')));
  expect(good.size).toBeGreaterThan(0);
  for (const place of good) for (const from of ways.get(place) ?? []) good.add(from);
  expect([...places].filter((place) => !good.has(place))).toEqual([]);
});
