import type { SlaveLimits, SlaveState } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { deadlinesOf } from "./deadlines.ts";
import { isHeld, refusedHold } from "./holding.ts";
import { entryOf } from "./life.ts";
import {
  accepted,
  born,
  bornAt,
  drain,
  ended,
  finished,
  forgotten,
  gone,
  held,
  interrupted,
  kindsOf,
  living,
  minuteMs,
  online,
  released,
  seen,
  started,
  type Told,
  tell,
} from "./slave.fixture.ts";
import type { Step } from "./step.ts";

const url = "job/a/1/";
const until = bornAt + 2 * 60 * minuteMs;
const marked: Told = { type: "offline.marked" };
const over: Told = { type: "deadline.passed", clock: "hold", reason: "the hold by ann is over", at: until };
const removed: Told = { type: "node.removed" };

/** The looks and removals that end a slave which has just been let go. */
function takenAway(from: Step): Step {
  const again = tell(from, marked);
  const at = again.life.markedAt ?? 0;
  return tell(
    again,
    { type: "looked", beganAt: at + 1, build: null },
    { type: "looked", beganAt: at + 1002, build: null },
    removed,
  );
}

describe("a slave that is held", () => {
  test("goes on with its build, is marked with the words of the hold, and keeps its pod when the build is over", () => {
    const busy = tell(living.busy, marked, held(until, "why red"));
    expect([busy.state, busy.life.builds.current?.url, kindsOf(busy.intents)]).toEqual(["busy", url, ["markOffline"]]);
    const kept = tell(busy, marked, finished(url));
    expect([kept.state, kept.life.outcome, kindsOf(kept.intents)]).toEqual(["draining", "served", []]);
  });

  test("then leaves as it would have: marked and looked at anew, its node removed, its pod deleted", () => {
    const kept = tell(living.busy, held(until), marked, finished(url));
    for (const end of [released, over]) {
      const free = tell(kept, end);
      expect([free.life.held, kindsOf(free.intents)]).toEqual([null, ["markOffline"]]);
      const last = takenAway(free);
      expect(kindsOf(last.intents)).toEqual(["deletePod"]);
      expect(tell(last, gone, { type: "secret.gone" }).state).toBe("deleted");
    }
  });

  test("and idle takes no build any more, however many it may run; nor is its clock of idleness running", () => {
    const idle = tell(born({ builds: 0 }), accepted, { type: "node.registered" }, { type: "secret.created" }, online);
    const kept = tell(idle, held(until, "look"));
    expect([kept.state, entryOf(kept.life).reason]).toEqual([
      "draining",
      "held by ann until 1970-01-01 02:16:40 UTC: look",
    ]);
    expect(kindsOf(kept.intents)).toEqual(["markOffline"]);
    expect(deadlinesOf(kept.state, kept.life).map(({ clock, at }) => [clock, at])).toEqual([["hold", until]]);
  });

  test("that runs a build which came before its mark goes on with that, and stays after it", () => {
    const caught = tell(living.online, held(until), started("job/b/2/"));
    expect([caught.state, isHeld(caught.life), kindsOf(caught.intents)]).toEqual(["busy", true, ["markOffline"]]);
    expect(kindsOf(tell(caught, marked, finished("job/b/2/")).intents)).toEqual([]);
  });

  test("stays though its agent ends, and though its master loses the node", () => {
    const kept = tell(living.busy, held(until), marked, finished(url));
    const dead = tell(kept, ended);
    expect(kindsOf(dead.intents)).toEqual([]);
    const lost = tell(dead, { type: "node.missing" });
    expect([lost.state, kindsOf(lost.intents)]).toEqual(["draining", []]);
    expect(kindsOf(tell(lost, released).intents)).toEqual(["deletePod"]);
  });

  test("under a build whose agent dies is kept for whoever looks into that", () => {
    const dead = tell(living.busy, held(until), marked, ended);
    // The master is told what befell it, too; then nothing is done with it.
    expect([dead.state, kindsOf(dead.intents)]).toEqual(["draining", ["markOffline"]]);
    expect(kindsOf(tell(dead, marked).intents)).toEqual([]);
  });

  test("is over when its pod is gone, or is being deleted by somebody", () => {
    const kept = tell(living.busy, held(until), marked, finished(url));
    expect(kindsOf(tell(kept, { type: "pod.leaving", goneBy: until }).intents)).toEqual(["look"]);
    expect(kindsOf(tell(kept, gone).intents)).toEqual(["look"]);
    const nodeless = tell(kept, { type: "node.missing" }, gone);
    expect(kindsOf(nodeless.intents)).toEqual(["confirmSecretGone"]);
  });

  test("and let go, with its master given up, leaves at once, whether its node is there or not", () => {
    const kept = tell(living.busy, held(until), marked, finished(url));
    for (const slave of [kept, tell(kept, { type: "node.missing" })]) {
      const free = tell(slave, forgotten);
      expect([free.life.held, kindsOf(free.intents)]).toEqual([null, ["deletePod"]]);
    }
  });

  test("is not let go by what wants it withdrawn", () => {
    const kept = tell(living.online, held(until), marked);
    expect(tell(kept, drain).changed).toBe(false);
    expect(isHeld(tell(living.busy, held(until), drain).life)).toBe(true);
  });

  test("is held longer, or by another one, by being held again; the words at the master follow", () => {
    const kept = tell(living.busy, held(until), marked, finished(url));
    expect(tell(kept, held(until)).changed).toBe(false);
    const longer = tell(kept, held(until + minuteMs));
    expect([longer.life.held?.until, kindsOf(longer.intents)]).toEqual([until + minuteMs, ["markOffline"]]);
    expect(tell(longer, over).changed).toBe(false);
  });

  test("is not given up to the clock that lets a pod go before its node", () => {
    const kept = tell(
      living.draining,
      { type: "looked", beganAt: bornAt + 3_600_000, build: null },
      held(until),
      marked,
    );
    const late: Told = { type: "deadline.passed", clock: "drain", reason: "long ago", at: until * 9 };
    expect(tell(kept, late).changed).toBe(false);
  });
});

describe("a restart of its master", () => {
  test("leaves a held slave whose build is over offline: its mark is set anew", () => {
    const kept = tell(living.online, seen("one"), started(url), held(until), marked, finished(url));
    const after = tell(kept, seen("two"));
    expect([after.state, kindsOf(after.intents)]).toEqual(["draining", ["markOffline"]]);
    expect(kindsOf(tell(after, marked).intents)).toEqual([]);
  });

  test("puts one whose build it interrupted back online, and that is marked again when the build goes on", () => {
    const slave = tell(interrupted(url), held(until));
    expect(kindsOf(slave.intents)).toEqual(["bringOnline", "askBuilds"]);
    const on = tell(slave, { type: "offline.unmarked" }, started(url));
    expect(kindsOf(on.intents)).toEqual(["markOffline"]);
    expect(kindsOf(tell(on, marked, finished(url)).intents)).toEqual([]);
  });
});

describe("what is kept by the template", () => {
  test("comes after the hold, and not sooner", () => {
    const retain: SlaveLimits["retain"] = { when: "always", forMs: 3_600_000 };
    const onMachine: Told = { type: "pod.progressed", node: "n", waitsOn: "agent", detail: "", anew: false };
    const ready = tell(born({ retain }), accepted, onMachine, { type: "node.registered" }, { type: "secret.created" });
    const kept = tell(ready, online, started(url), held(until), marked, finished(url), { type: "node.missing" });
    expect(kindsOf(kept.intents)).toEqual([]);
    const free = tell(kept, over);
    expect(kindsOf(free.intents)).toEqual(["retainPod"]);
    const retained = tell(free, { type: "pod.retained", until: until * 2, because: "its template keeps every pod" });
    expect(refusedHold({ ...retained, name: "ks-a" })).toMatch(/^ks-a is over, and its pod is stopped and kept until /);
    expect(tell(retained, held(until * 3)).changed).toBe(false);
  });
});

describe("whether a slave can be held", () => {
  test.each<[SlaveState, RegExp | undefined]>([
    ["requested", /^ks-a has no pod yet/],
    ["scheduled", undefined],
    ["online", undefined],
    ["busy", undefined],
    ["draining", undefined],
    ["deleted", /^ks-a is over, and so is its pod/],
  ])("that is %s: %s", (state, sentence) => {
    const refusal = refusedHold({ ...living[state], name: "ks-a" });
    if (sentence === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(sentence);
  });

  test("not once its pod is on its way out, unless it is held already", () => {
    const node = tell(living.draining, marked, removed);
    expect(refusedHold({ ...node, name: "ks-a" })).toMatch(/too late to hold it/);
    expect(tell(node, held(until)).changed).toBe(false);
    const kept = tell(living.draining, held(until), removed);
    expect(refusedHold({ ...kept, name: "ks-a" })).toBeUndefined();
    expect(tell(kept, held(until + 1)).life.held?.until).toBe(until + 1);
  });
});
