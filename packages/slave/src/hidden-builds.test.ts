import { describe, expect, test } from "vitest";
import { loadingMs } from "./intents.ts";
import { drain, finished, gone, kindsOf, living, seen, started, type Told, tell } from "./slave.fixture.ts";
import type { Step } from "./step.ts";

const marked = (session: string | null = "one"): Told => ({ type: "offline.marked", session });
const online = tell(living.online, seen("one"));
const busy = tell(online, started("job/a/1/"));

/** Idle looks, as many as are asked for, all answered by one start of the master. */
function lookedAt(slave: Step, session: string | null): Step {
  const { markedAt, builds } = slave.life;
  const beganAt = Math.max(markedAt ?? 0, builds.finishedAt ?? 0);
  const look = (afterMs: number): Told => ({ type: "looked", beganAt: beganAt + afterMs, build: null, session });
  const once = tell(slave, look(1));
  return kindsOf(once.intents).includes("look") ? tell(once, look(2000)) : once;
}

/** Everything that is asked for on its way out, up to the removal of its node, in the second start of its master. */
const leaving = (slave: Step) => kindsOf(lookedAt(tell(slave, marked("two")), "two").intents);

describe("a build that nobody told of may wait for a slave after a restart of its master", () => {
  test.each<[string, Step, boolean]>([
    ["online, unmarked: one may have begun between two readings", tell(online, seen("two"), drain), true],
    ["busy, and marked while that build ran", tell(busy, marked(), seen("two"), finished("job/a/1/")), false],
    ["busy, and not marked yet", tell(busy, seen("two"), finished("job/a/1/")), true],
    ["busy, and marked in the new start only", tell(busy, marked("two"), finished("job/a/1/")), true],
    ["busy, and marked by who does not tell its starts", tell(busy, marked(null), finished("job/a/1/")), false],
    [
      "put back online for a build that it awaited, at a further restart",
      tell(busy, marked("zero"), { type: "offline.unmarked" }, seen("two"), finished("job/a/1/")),
      true,
    ],
    ["on its way out, and looked at", tell(lookedAt(tell(online, drain, marked()), "one"), seen("two")), true],
    ["only marked between the looks", lookedAt(tell(online, drain, marked()), "two"), true],
    ["never started anew", tell(online, drain), false],
  ])("%s", (_, slave, isUnsure) => {
    expect(slave.state).toBe("draining");
    const last = slave.life.session === "one" ? lookedAt(tell(slave, marked()), "one") : undefined;
    expect(last === undefined ? leaving(slave) : kindsOf(last.intents)).toEqual(isUnsure ? [] : ["removeNode"]);
    expect(slave.life.unsureSince !== null).toBe(isUnsure);
  });

  test("a doubt outlives a further restart, though it was marked meanwhile", () => {
    const after = tell(online, seen("two"), started("job/b/2/"), marked("two"), seen("three"), finished("job/b/2/"));
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
  const unsure = tell(online, seen("two"), drain, marked("two"));
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
    const settled = tell(tell(online, seen("two")), none(2 * loadingMs), drain, marked("two"));
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

test("a look that another start of the master answered counts for nothing: mark and looks begin anew", () => {
  const once = tell(online, drain, marked());
  const beganAt = (once.life.markedAt ?? 0) + 1;
  const other = tell(once, { type: "looked", beganAt, build: null, session: "two" });
  expect([other.life.session, other.life.idleLooks, kindsOf(other.intents)]).toEqual(["two", 0, ["markOffline"]]);
  const atWork = tell(once, { type: "looked", beganAt, build: "job/b/1/", session: "two" });
  expect([atWork.state, atWork.life.builds.current?.url]).toEqual(["busy", "job/b/1/"]);
});
