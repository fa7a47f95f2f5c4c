import { describe, expect, test } from "vitest";
import {
  accepted,
  born,
  bornAt,
  drain,
  finished,
  gone,
  interrupted,
  kindsOf,
  living,
  minuteMs,
  online,
  seen,
  started,
  type Told,
  tell,
  trailOf,
} from "./slave.fixture.ts";
import type { Step } from "./step.ts";

const url = "job/a/1/";
const unmarked: Told = { type: "offline.unmarked" };
const dropped: Told = { type: "node.dropped", reason: "its node is gone from the master" };
const awaited = (build: string, readAt = bornAt + 3_600_000): Told => ({ type: "build.awaited", url: build, readAt });
const { builds } = interrupted().life;
const since = builds.awaitedSince ?? 0;
const inVain: Told = { type: "deadline.passed", clock: "resume", reason: "in vain", at: since + 10 * minuteMs };

describe("a busy slave whose master was started anew (H25)", () => {
  test("stays busy, awaits its build, is put back online and asks after the build; it is neither looked at nor removed", () => {
    const slave = interrupted();
    expect([slave.state, slave.life.builds]).toMatchObject(["busy", { current: null, awaited: [url], ran: 0 }]);
    expect(slave.intents.filter(({ type }) => type !== "announce")).toEqual([
      { type: "bringOnline", params: {} },
      { type: "askBuilds", params: { urls: [url], unknownIsOverFrom: since + minuteMs } },
    ]);
  });

  test("whether or not its mark was answered before: the request may have arrived", () => {
    const unanswered = tell(living.online, seen("one"), started(url), seen("two"));
    expect(kindsOf(unanswered.intents)).toEqual(["bringOnline", "askBuilds"]);
  });

  test("that is back online is only asked about; a mark that was on its way all the time is taken away again", () => {
    const back = tell(interrupted(), unmarked);
    expect(kindsOf(back.intents)).toEqual(["askBuilds"]);
    expect(kindsOf(tell(back, { type: "offline.marked" }).intents)).toEqual(["bringOnline", "askBuilds"]);
  });

  test("whose build is seen again is marked again, and leaves after it as ever", () => {
    const resumed = tell(interrupted(), unmarked, started(url));
    expect([resumed.state, kindsOf(resumed.intents)]).toEqual(["busy", ["markOffline"]]);
    const over = tell(resumed, { type: "offline.marked" }, finished(url));
    expect([over.state, over.life.outcome, over.life.builds.ran]).toEqual(["draining", "served", 1]);
  });

  test("whose build is over by its own page leaves, without ever being put back", () => {
    const over = tell(interrupted(), finished(url));
    expect([over.state, over.life.outcome, kindsOf(over.intents)]).toEqual(["draining", "served", ["markOffline"]]);
  });

  test("whose build does not go on leaves when its clock has run out, by mark and looks as ever", () => {
    expect(tell(interrupted(), { ...inVain, at: since + 10 * minuteMs - 1 } as Told).changed).toBe(false);
    const left = tell(interrupted(), inVain);
    expect([left.state, left.life.outcome, left.life.builds.ran]).toEqual(["draining", "served", 1]);
    expect(kindsOf(left.intents)).toEqual(["markOffline"]);
  });

  test("that takes another build first is marked for that one, and put back online after it", () => {
    const other = tell(interrupted(), unmarked, started("job/b/7/"));
    expect([other.life.builds.awaited, kindsOf(other.intents)]).toEqual([[url], ["markOffline"]]);
    const again = tell(other, { type: "offline.marked" }, finished("job/b/7/"));
    expect([again.state, kindsOf(again.intents)]).toEqual(["busy", ["bringOnline", "askBuilds"]]);
    const over = tell(again, unmarked, started(url), { type: "offline.marked" }, finished(url));
    expect([over.state, over.life.builds.ran]).toEqual(["draining", 2]);
  });

  test("whose master is started anew once more begins anew", () => {
    const again = tell(interrupted(), unmarked, { ...seen("three"), at: since + 5 * minuteMs } as Told);
    expect(again.life.builds).toMatchObject({ awaited: [url], awaitedSince: since + 5 * minuteMs });
    expect(kindsOf(again.intents)).toEqual(["bringOnline", "askBuilds"]);
  });

  test("and whose pod is gone leaves: nothing can go on there", () => {
    const over = tell(interrupted(), gone);
    expect([over.state, over.life.outcome]).toEqual(["draining", "served"]);
  });

  test("that may run several builds is online again when its own is over", () => {
    const slave = tell(born({ builds: 3 }), accepted, online, seen("one"), started(url), seen("two"), unmarked);
    expect(slave.life.builds.awaited).toEqual([url]);
    expect(trailOf(tell(slave, finished(url)).life).at(-1)).toBe("online");
  });

  test("asked to drain, goes after the build that it awaits", () => {
    const asked = tell(interrupted(), drain);
    expect([asked.state, asked.life.goesAfterBuild]).toEqual(["busy", true]);
  });
});

describe("the first start of a master that a slave is seen in", () => {
  test.each(["requested", "scheduled", "online", "busy", "draining"] as const)("is no restart: %s", (state) => {
    const { builds: before, markedAt } = living[state].life;
    const slave = tell(living[state], seen("one"));
    expect([slave.life.session, slave.life.builds, slave.life.markedAt]).toEqual(["one", before, markedAt]);
    expect(tell(slave, seen("one")).changed).toBe(false);
  });
});

describe("a slave on its way out whose master was started anew", () => {
  const leaving = tell(living.online, seen("one"), drain, { type: "offline.marked" });
  const idle = tell(leaving, { type: "looked", beganAt: leaving.life.markedAt ?? 0, build: null });

  test("is marked and looked at anew: not every master keeps its marks", () => {
    expect(idle.life.idleLooks).toBe(1);
    const after = tell(idle, seen("two"));
    expect([after.state, after.life.idleLooks, kindsOf(after.intents)]).toEqual(["draining", 0, ["markOffline"]]);
  });

  test.each<[string, Step]>([
    ["that it had begun before anyone saw it", idle],
    ["that was taken for over", tell(living.busy, { type: "offline.marked" }, finished("job/a/1/"))],
  ])("is called back by the item of a build %s, and goes after it", (_, slave) => {
    const back = tell(slave, awaited(url));
    expect([back.state, back.life.outcome, kindsOf(back.intents)]).toEqual([
      "busy",
      null,
      ["bringOnline", "askBuilds"],
    ]);
    const over = tell(back, unmarked, started(url), finished(url));
    expect([over.state, over.life.outcome]).toEqual(["draining", "served"]);
  });

  test("is not called back by an old reading of the build that ran last, nor without its process or node", () => {
    const over = tell(living.busy, { type: "offline.marked" }, finished(url));
    expect(tell(over, awaited(url, over.life.builds.finishedAt ?? 0)).changed).toBe(false);
    expect(tell(over, gone, awaited("job/c/3/")).state).toBe("draining");
    expect(tell(over, { type: "node.removed" }, awaited("job/c/3/")).state).toBe("draining");
  });

  test("is called back once more by an item that still waits after the clock has run out", () => {
    expect(tell(interrupted(), inVain, { ...awaited(url), readAt: since + 11 * minuteMs } as Told).state).toBe("busy");
  });
});

describe("an item of the queue that wants a busy slave", () => {
  test("is awaited beside the build that runs; that build itself is no other one, under whichever root", () => {
    const address = "http://ci/job/a/1/";
    const busy = tell(living.online, started(address));
    expect(tell(busy, awaited("https://public.example/job/a/1/")).changed).toBe(false);
    const two = tell(busy, awaited("http://ci/job/b/2/"));
    expect(two.life.builds.awaited).toEqual(["http://ci/job/b/2/"]);
    const next = tell(two, finished(address), started("https://public.example/job/b/2/"));
    expect([next.state, next.life.builds.awaited]).toEqual(["busy", []]);
  });
});

describe("a node that the master dropped", () => {
  test("is made anew while its agent is on its way: the launch goes on", () => {
    const slave = tell(living.scheduled, { type: "node.registered" }, { type: "secret.created" }, dropped);
    expect([slave.state, slave.life.node, kindsOf(slave.intents)]).toEqual([
      "scheduled",
      { registeredAt: null, removedAt: null, drops: 1, givenUp: null },
      ["registerNode"],
    ]);
    expect(kindsOf(tell(slave, { type: "node.registered" }).intents)).toEqual([]);
  });

  test("is not made anew for ever", () => {
    const made: Told = { type: "node.registered" };
    const often = tell(living.scheduled, ...Array.from({ length: 8 }, () => [made, dropped]).flat(), made);
    expect(often.state).toBe("scheduled");
    const left = tell(often, dropped);
    expect([left.state, left.life.outcome]).toEqual(["draining", "withdrawn"]);
  });

  test("takes an idle slave with it", () => {
    const left = tell(living.online, dropped);
    expect([left.state, left.life.outcome]).toEqual(["draining", "withdrawn"]);
  });

  test("is made anew for a build that is to go on there", () => {
    const slave = tell(interrupted(), unmarked, dropped);
    expect([slave.state, kindsOf(slave.intents)]).toEqual(["busy", ["registerNode", "askBuilds"]]);
    expect(kindsOf(tell(slave, { type: "node.registered" }).intents)).toEqual(["bringOnline", "askBuilds"]);
  });

  test("is left as it is under a build that runs: the master ends that", () => {
    expect(tell(living.busy, dropped).changed).toBe(false);
  });
});
