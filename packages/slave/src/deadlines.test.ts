import type { SlaveState } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { clockTable, deadlinesOf, fixedLimits, needsMaster, passedDeadline, startsAnew } from "./deadlines.ts";
import type { Clock } from "./events.ts";
import {
  accepted,
  born,
  bornAt,
  drain,
  ended,
  finished,
  gone,
  held,
  interrupted,
  limits,
  living,
  lost,
  online,
  started,
  type Told,
  tell,
} from "./slave.fixture.ts";
import type { Step } from "./step.ts";

const waits = (waitsOn: "image" | "start" | "agent", at: number): Told => ({
  type: "pod.progressed",
  node: "n1",
  waitsOn,
  detail: waitsOn === "image" ? "pulls base" : "",
  anew: false,
  at,
});
const t = bornAt + 60_000;
const { requested, scheduled, online: idle, busy } = living;
const acceptedAt = scheduled.life.pod.acceptedAt ?? 0;
const ready = tell(scheduled, { type: "node.registered" }, { type: "secret.created", at: t + 500 });
const kept = tell(
  born({ retain: { when: "always", forMs: 1 } }),
  accepted,
  { type: "pod.progressed", node: "n1", waitsOn: "agent", detail: "", anew: false },
  online,
  started("job/a/1/"),
  finished("job/a/1/"),
  { type: "node.removed" },
  { type: "pod.retained", until: t + 1, because: "so", at: t } as Told,
);
const longBuild = tell(born({ builds: 0, buildMs: 3_600_000 }), accepted, online, { ...started("job/a/1/"), at: t });
/** One whose pod was lost under its build, and is gone: another one follows. */
const atWork = tell(born({ relaunch: 1 }), accepted, { type: "node.registered" }, { type: "secret.created" }, online);
const podLost = tell(atWork, started("job/a/1/"), { type: "pod.leaving", goneBy: t + 9 }, ended);
const followed: Step = tell(podLost, { ...gone, at: t } as Told);
const nextPod = tell(followed, { ...accepted, at: t } as Told);
const nextReady = tell(nextPod, { type: "secret.created", at: t + 500 });
const marked = tell(idle, drain, { type: "offline.marked", at: t });

/** Each clock: a slave for which it runs, and when it runs out. */
const clocks: readonly [SlaveState, Clock, Step, number][] = [
  ["requested", "request", requested, bornAt + fixedLimits.requestMs],
  ["scheduled", "schedule", scheduled, acceptedAt + limits.scheduleMs],
  ["scheduled", "register", scheduled, acceptedAt + fixedLimits.registerMs],
  ["scheduled", "pull", tell(ready, waits("image", t)), t + limits.pullMs],
  ["scheduled", "mend", tell(ready, { ...waits("image", t), trouble: "image-denied" } as Told), t + fixedLimits.mendMs],
  ["scheduled", "start", tell(ready, waits("start", t)), t + limits.startMs],
  ["scheduled", "connect", tell(ready, waits("agent", t)), t + 500 + limits.connectMs],
  ["online", "idle", tell(ready, { ...online, at: t } as Told), t + limits.idleMs],
  ["online", "age", tell(ready, { ...online, at: t } as Told), t + limits.maxAgeMs],
  ["online", "lost", tell(idle, { ...lost, at: t } as Told), t + limits.connectMs],
  ["busy", "lost", tell(busy, { ...lost, at: t } as Told), t + limits.connectMs],
  ["busy", "build", longBuild, t + 3_600_000],
  ["busy", "force", podLost, t + 9 + fixedLimits.forceMs],
  ["busy", "request", followed, t + fixedLimits.requestMs],
  ["busy", "schedule", nextPod, t + limits.scheduleMs],
  ["busy", "register", nextPod, t + fixedLimits.registerMs],
  ["busy", "pull", tell(nextReady, waits("image", t)), t + limits.pullMs],
  ["busy", "mend", tell(nextReady, { ...waits("image", t), trouble: "image-denied" } as Told), t + fixedLimits.mendMs],
  ["busy", "start", tell(nextReady, waits("start", t)), t + limits.startMs],
  ["busy", "connect", tell(nextReady, waits("agent", t)), t + 500 + limits.connectMs],
  ["busy", "resume", interrupted(), (interrupted().life.builds.awaitedSince ?? 0) + fixedLimits.resumeMs],
  ["draining", "drain", tell(marked, { type: "looked", beganAt: t + 7, build: null }), t + 7 + fixedLimits.drainMs],
  ["draining", "retain", kept, t + fixedLimits.retainMs],
  ["busy", "hold", tell(busy, { ...held(t + 9), at: t } as Told), t + 9],
  ["draining", "hold", tell(living.draining, { ...held(t + 9), at: t } as Told), t + 9],
  ["draining", "force", tell(busy, { type: "pod.leaving", goneBy: t + 9 }, ended), t + 9 + fixedLimits.forceMs],
];

describe("each clock", () => {
  test("is in the table of clocks, and the table has no other", () => {
    expect(new Set(clocks.map(([state, clock]) => `${state} ${clock}`))).toEqual(
      new Set(clockTable.map(({ state, clock }) => `${state} ${clock}`)),
    );
  });

  test.each(clocks)("in %s: %s runs out at its instant, not before", (state, clock, slave, at) => {
    expect(slave.state).toBe(state);
    const running = deadlinesOf(state, slave.life).find((deadline) => deadline.clock === clock);
    expect(running).toMatchObject({ at, needsMaster: needsMaster(clock) });
    const earlier = deadlinesOf(state, slave.life).filter((deadline) => deadline.at < at);
    const passed = (now: number) => passedDeadline(state, slave.life, { now, masterKnown: true });
    if (earlier.length === 0) expect([passed(at - 1), passed(at)?.clock]).toEqual([undefined, clock]);
    else expect(passed(at)?.at).toBeLessThan(at);
  });

  test("of a build that takes too long only keeps further ones away: it is marked, and goes after it", () => {
    const told: Told = { type: "deadline.passed", clock: "build", reason: "ran out", at: t + 3_600_000 };
    expect(tell(longBuild, { ...told, at: t + 3_599_999 }).changed).toBe(false);
    const after = tell(longBuild, told);
    expect([after.state, after.life.goesAfterBuild]).toEqual(["busy", true]);
    expect(after.intents.map(({ type }) => type)).toContain("markOffline");
    expect(tell(after, told).changed).toBe(false);
    expect(tell(after, { type: "offline.marked" }, finished("job/a/1/")).state).toBe("draining");
    // One that runs its last build goes after it anyway.
    const last = tell(born({ builds: 1, buildMs: 1 }), accepted, online, started("job/a/1/"));
    expect(deadlinesOf("busy", last.life)).toEqual([]);
  });

  const leaving = clocks.filter(([, clock]) => clock !== "build" && clock !== "hold");
  test.each(leaving)("in %s: %s, told to the slave, makes it leave or lets its pod go", (_state, clock, slave, at) => {
    const told: Told = { type: "deadline.passed", clock, reason: "ran out", at };
    expect(tell(slave, { ...told, at: at - 1 }).changed).toBe(false);
    const after = tell(slave, told);
    expect(after.changed).toBe(true);
    expect(after.state).toBe(clock === "force" ? slave.state : "draining");
    expect(after.life.pod.isOverdue).toBe(clock === "force");
    expect(after.life.podMayGoFirst).toBe(
      clock === "drain" || (slave.state === "busy" && clock !== "resume" && clock !== "force"),
    );
  });

  test("does not run without its cause: a busy slave whose agent is there, an unmarked draining one, a deleted one", () => {
    for (const state of ["busy", "draining", "deleted"] as const)
      expect(deadlinesOf(state, living[state].life)).toEqual([]);
  });
});

describe("while the master is unknown", () => {
  const late = t + 1000 * limits.maxAgeMs;

  test.each(clocks)("in %s: %s stands still if it depends on the master", (state, clock, slave) => {
    const others = deadlinesOf(state, slave.life).filter((deadline) => !deadline.needsMaster);
    const passed = passedDeadline(state, slave.life, { now: late, masterKnown: false });
    if (needsMaster(clock)) expect(passed?.clock).toBe(others[0]?.clock);
    else expect(passed?.clock).toBe(clock);
  });

  test.each(clocks)(
    "in %s: %s starts anew when the master is known again, but no age does (H24)",
    (state, clock, slave) => {
      const limitMs = deadlinesOf(state, slave.life).find((deadline) => deadline.clock === clock)?.limitMs ?? 0;
      const clocksAt = (now: number) =>
        passedDeadline(state, only(slave, clock).life, { now, masterKnown: true, masterKnownSince: late })?.clock;
      if (startsAnew(clock))
        expect([clocksAt(late + limitMs - 1), clocksAt(late + limitMs)]).toEqual([undefined, clock]);
      else expect(clocksAt(late)).toBe(clock);
    },
  );

  /** The same slave with the other clocks of its state switched off. */
  function only(slave: Step, clock: Clock): Step {
    const { life } = slave;
    const never = Number.MAX_SAFE_INTEGER / 2;
    if (clock === "register") return { ...slave, life: { ...life, limits: { ...life.limits, scheduleMs: never } } };
    if (clock === "schedule") return { ...slave, life: { ...life, secret: { ...life.secret, createdAt: 1 } } };
    if (clock === "idle") return { ...slave, life: { ...life, limits: { ...life.limits, maxAgeMs: never } } };
    if (clock === "age") return { ...slave, life: { ...life, limits: { ...life.limits, idleMs: never } } };
    return slave;
  }
});

test("one that may be idle has its age all the same, though its idle time is over long before that", () => {
  const { state, life } = idle;
  const [soon, age] = ["idle", "age"].map(
    (clock) => deadlinesOf(state, life).find((one) => one.clock === clock)?.at ?? 0,
  );
  const passed = (now: number, mayIdle: boolean) =>
    passedDeadline(state, life, { now, masterKnown: true, mayIdle })?.clock;
  expect(soon).toBeLessThan(age ?? 0);
  expect([passed(soon ?? 0, false), passed(soon ?? 0, true)]).toEqual(["idle", undefined]);
  expect([passed((age ?? 0) - 1, true), passed(age ?? 0, true)]).toEqual([undefined, "age"]);
});
