import { describe, expect, test } from "vitest";
import { loadingMs } from "./intents.ts";
import { drain, finished, gone, kindsOf, living, seen, started, type Told, tell } from "./slave.fixture.ts";
import type { Step } from "./step.ts";

/** An answer of the master, which is told of in another start first. */
const inStart = (session: string | null, event: Told): Told[] => (session === null ? [event] : [seen(session), event]);
const marked = (session: string | null = "one"): Told[] => inStart(session, { type: "offline.marked" });
const online = tell(living.online, seen("one"));
const busy = tell(online, started("job/a/1/"));

/** Idle looks, as many as are asked for, all answered by one start of the master. */
function lookedAt(slave: Step, session: string | null): Step {
  const { markedAt, builds } = slave.life;
  const beganAt = Math.max(markedAt ?? 0, builds.finishedAt ?? 0);
  const look = (afterMs: number) => inStart(session, { type: "looked", beganAt: beganAt + afterMs, build: null });
  const once = tell(slave, ...look(1));
  return kindsOf(once.intents).includes("look") ? tell(once, ...look(2000)) : once;
}

/** Everything that is asked for on its way out, up to the removal of its node, in the second start of its master. */
const leaving = (slave: Step) => kindsOf(lookedAt(tell(slave, ...marked("two")), "two").intents);

describe("a build that nobody told of may wait for a slave after a restart of its master", () => {
  test.each<[string, Step, boolean]>([
    ["online, unmarked: one may have begun between two readings", tell(online, seen("two"), drain), true],
    ["busy, and marked while that build ran", tell(busy, ...marked(), seen("two"), finished("job/a/1/")), false],
    ["busy, and not marked yet", tell(busy, seen("two"), finished("job/a/1/")), true],
    ["busy, and marked in the new start only", tell(busy, ...marked("two"), finished("job/a/1/")), true],
    ["busy, and marked by who does not tell its starts", tell(busy, ...marked(null), finished("job/a/1/")), false],
    [
      "put back online for a build that it awaited, at a further restart",
      tell(busy, ...marked("zero"), { type: "offline.unmarked" }, seen("two"), finished("job/a/1/")),
      true,
    ],
    ["on its way out, and looked at", tell(lookedAt(tell(online, drain, ...marked()), "one"), seen("two")), true],
    ["only marked between the looks", lookedAt(tell(online, drain, ...marked()), "two"), true],
    ["never started anew", tell(online, drain), false],
  ])("%s", (_, slave, isUnsure) => {
    expect(slave.state).toBe("draining");
    const last = slave.life.session === "one" ? lookedAt(tell(slave, ...marked()), "one") : undefined;
    expect(last === undefined ? leaving(slave) : kindsOf(last.intents)).toEqual(isUnsure ? [] : ["removeNode"]);
    expect(slave.life.unsureSince !== null).toBe(isUnsure);
  });

  test("a doubt outlives a further restart, though it was marked meanwhile", () => {
    const after = tell(online, seen("two"), started("job/b/2/"), ...marked("two"), seen("three"), finished("job/b/2/"));
    expect([after.state, after.life.unsureSince !== null]).toEqual(["draining", true]);
  });

  test("a start that was known when its node was made counts, though nothing of the slave was seen in it", () => {
    const made = tell(
      living.requested,
      { type: "pod.accepted", uid: "u" },
      { type: "node.registered", session: "one" },
    );
    expect(made.life.session).toBe("one");
    expect(tell(made, seen("two")).life.unsureSince).not.toBeNull();
    expect(tell(tell(made, { type: "secret.created" }), seen("one")).life.unsureSince).toBeNull();
  });
});

describe("that none waits is settled", () => {
  const unsure = tell(online, seen("two"), drain, ...marked("two"));
  const looked = lookedAt(unsure, "two");
  const since = looked.life.unsureSince ?? 0;
  const none = (afterMs: number, session = "two"): Told => ({ type: "none.awaited", readAt: since + afterMs, session });

  test.each<[string, Told, boolean]>([
    ["by a queue that was read a minute after the restart was seen", none(loadingMs), true],
    ["not by one that was read before: what was interrupted may not be loaded yet", none(loadingMs - 1), false],
    ["not by one of another start", none(loadingMs, "one"), false],
  ])("%s", (_, event, isSettled) => {
    const after = tell(looked, event);
    expect([after.changed, kindsOf(after.intents)]).toEqual([isSettled, isSettled ? ["removeNode"] : []]);
  });

  test("before it is to go, too", () => {
    const settled = tell(tell(online, seen("two")), none(2 * loadingMs), drain, ...marked("two"));
    expect(kindsOf(lookedAt(settled, "two").intents)).toEqual(["removeNode"]);
  });

  test("never by an item that wants it: it is called back", () => {
    const back = tell(looked, { type: "build.awaited", url: "job/hidden/1/", readAt: since + 5000 });
    expect([back.state, kindsOf(back.intents)]).toEqual(["busy", ["bringOnline", "askBuilds"]]);
  });

  test("by the end of its process: nothing goes on there", () => {
    expect(kindsOf(tell(looked, gone).intents)).toEqual(["removeNode"]);
  });
});

describe("the node of one that may be waited for is gone", () => {
  const dropped: Told = { type: "node.dropped", reason: "its node is gone from the master" };
  const missing: Told = { type: "node.missing" };
  const made: Told = { type: "node.registered" };
  const unsure = tell(online, seen("two"), drain);

  test.each<[string, Step]>([
    ["by the answer to its mark", tell(unsure, missing)],
    ["by the answer to a look", tell(lookedAt(tell(unsure, ...marked("two")), "two"), missing)],
    ["by a round while it is held", tell(unsure, ...marked("two"), dropped)],
    ["by the round that shows the restart", tell(online, seen("two"), dropped)],
  ])("%s: it is made anew, however often that is told, marked and looked at", (_, slave) => {
    const { node, markedAt } = slave.life;
    expect([slave.state, node.removedAt, markedAt, kindsOf(slave.intents)]).toEqual([
      "draining",
      null,
      null,
      ["registerNode"],
    ]);
    expect([tell(slave, missing).changed, tell(slave, dropped).changed]).toEqual([false, false]);
    const again = lookedAt(tell(tell(slave, made), ...marked("two")), "two");
    expect(kindsOf(again.intents)).toEqual([]);
  });

  test("what waits for it is settled a minute after that only: a master without the node does not tell its name", () => {
    const gone = tell(unsure, missing);
    const since = gone.life.unsureSince ?? 0;
    const none = (readAt: number): Told => ({ type: "none.awaited", readAt, session: "two" });
    expect(tell(gone, none(since + loadingMs)).changed).toBe(false);
    const registeredAt = since + loadingMs;
    const back = lookedAt(tell(tell(gone, { ...made, at: registeredAt }), ...marked("two")), "two");
    expect(tell(back, none(registeredAt + loadingMs - 1)).changed).toBe(false);
    expect(kindsOf(tell(back, none(registeredAt + loadingMs)).intents)).toEqual(["removeNode"]);
    const awaited = tell(back, { type: "build.awaited", url: "job/hidden/1/", readAt: registeredAt + 5000 });
    expect([awaited.state, kindsOf(awaited.intents)]).toEqual(["busy", ["bringOnline", "askBuilds"]]);
  });

  test("where the master refuses it, or its process has ended, that is the end of it", () => {
    const refused = tell(unsure, missing, { type: "node.refused", reason: "no permission" });
    expect(kindsOf(refused.intents)).toEqual(["deletePod"]);
    expect(kindsOf(tell(unsure, missing, gone).intents)).toEqual(["markOffline"]);
    expect(kindsOf(tell(unsure, missing, gone, missing).intents)).toEqual(["confirmSecretGone"]);
  });

  test("where nothing can wait for it, it stays gone", () => {
    const sure = tell(online, drain, missing);
    expect(kindsOf(sure.intents)).toEqual(["deletePod"]);
  });
});

test("a look that another start of the master answered counts for nothing: mark and looks begin anew", () => {
  const once = tell(online, drain, ...marked());
  const beganAt = (once.life.markedAt ?? 0) + 1;
  const other = tell(once, ...inStart("two", { type: "looked", beganAt, build: null }));
  const { session, idleLooks, markedAt } = other.life;
  expect([session, idleLooks, markedAt]).toEqual(["two", 0, null]);
  const atWork = tell(once, ...inStart("two", { type: "looked", beganAt, build: "job/b/1/" }));
  expect([atWork.state, atWork.life.builds.current?.url]).toEqual(["busy", "job/b/1/"]);
});
