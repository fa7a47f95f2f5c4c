import { type SlaveState, slaveLifeSchema, slaveStates } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import type { SlaveEventType } from "./events.ts";
import { textLimit, trailLimit } from "./life.ts";
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
  kindsOf,
  living,
  lost,
  minuteMs,
  online,
  released,
  started,
  type Told,
  tell,
  trailOf,
} from "./slave.fixture.ts";
import { type Step, step } from "./step.ts";

describe("the whole life", () => {
  const story: readonly [Told, SlaveState, readonly string[]][] = [
    [accepted, "scheduled", ["registerNode"]],
    [{ type: "node.registered" }, "scheduled", ["createSecret"]],
    [{ type: "secret.created" }, "scheduled", []],
    [{ type: "pod.progressed", node: "n1", waitsOn: "image", detail: "pulls", anew: false }, "scheduled", []],
    [{ type: "pod.progressed", node: "n1", waitsOn: "agent", detail: "", anew: false }, "scheduled", []],
    [online, "online", []],
    [started("job/a/1/"), "busy", ["markOffline"]],
    [{ type: "offline.marked" }, "busy", []],
    [finished("job/a/1/"), "draining", ["look"]],
    [{ type: "looked", beganAt: bornAt + 3_600_000, build: null }, "draining", ["removeNode"]],
    [{ type: "node.removed" }, "draining", ["deletePod"]],
    [gone, "draining", ["confirmSecretGone"]],
    [{ type: "secret.gone" }, "deleted", []],
  ];

  test("goes through all six states, and each step says what to do next", () => {
    let now = born();
    expect([now.state, kindsOf(now.intents)]).toEqual(["requested", ["createPod"]]);
    for (const [event, state, intents] of story) {
      now = tell(now, event);
      expect([event.type, now.state, kindsOf(now.intents)]).toEqual([event.type, state, intents]);
    }
    expect(trailOf(now.life)).toEqual(slaveStates);
    expect(now.life.outcome).toBe("served");
  });

  test("is announced state by state, and once it is announced no more", () => {
    const due = (at: Step) => at.intents.find(({ type }) => type === "announce")?.params;
    expect(due(born())).toEqual({ from: 0, upTo: 1 });
    const scheduled = tell(born(), { type: "announced", upTo: 1 }, accepted);
    expect(due(scheduled)).toEqual({ from: 1, upTo: 2 });
    expect(due(tell(scheduled, { type: "announced", upTo: 2 }))).toBeUndefined();
  });

  test("an announcement heard again, late or of steps that never were counts for nothing", () => {
    const scheduled = tell(born(), accepted, { type: "announced", upTo: 2 });
    expect(tell(scheduled, { type: "announced", upTo: 1 }).changed).toBe(false);
    expect(tell(scheduled, { type: "announced", upTo: 99 }, online).life.announced).toBe(2);
  });
});

describe("every event in every state", () => {
  const events: Readonly<Record<SlaveEventType, Told>> = {
    "pod.accepted": accepted,
    "pod.refused": { type: "pod.refused", reason: "quota" },
    "pod.progressed": { type: "pod.progressed", node: "n1", waitsOn: "start", detail: "waits", anew: false },
    "pod.ended": ended,
    "pod.leaving": { type: "pod.leaving", goneBy: bornAt + 10_000 },
    "pod.gone": gone,
    "pod.retained": { type: "pod.retained", until: bornAt + 7_200_000, because: "it failed" },
    "retention.declined": { type: "retention.declined" },
    "node.registered": { type: "node.registered" },
    "node.refused": { type: "node.refused", reason: "no permission" },
    "node.removed": { type: "node.removed" },
    "service.refused": { type: "service.refused", reason: "quota" },
    "secret.created": { type: "secret.created" },
    "secret.gone": { type: "secret.gone" },
    "agent.online": online,
    "agent.lost": lost,
    "build.started": started("job/b/2/"),
    "build.finished": finished("job/b/2/"),
    "node.dropped": { type: "node.dropped", reason: "its node is gone from the master" },
    "node.missing": { type: "node.missing" },
    "build.awaited": { type: "build.awaited", url: "job/c/3/", readAt: bornAt + 3_600_000 },
    "none.awaited": { type: "none.awaited", readAt: bornAt + 3_600_000, session: "one" },
    "build.told": { type: "build.told", url: "job/c/3/", readAt: bornAt + 3_600_000 },
    "offline.marked": { type: "offline.marked" },
    "offline.unmarked": { type: "offline.unmarked" },
    "session.seen": { type: "session.seen", session: "one" },
    looked: { type: "looked", beganAt: bornAt + 3_600_000, build: null },
    "drain.requested": drain,
    "hold.requested": held(bornAt + 7_200_000),
    "hold.released": released,
    "master.forgotten": forgotten,
    "deadline.passed": { type: "deadline.passed", clock: "idle", reason: "too long", at: bornAt + 3_600_000 },
    announced: { type: "announced", upTo: 1 },
    resume: { type: "resume" },
  };

  /** The state after; `=` stays but knows more; `.` changes nothing. */
  const table: Readonly<Record<SlaveEventType, readonly string[]>> = {
    // in:             requested    scheduled   online      busy        draining    deleted
    "pod.accepted": ["scheduled", ".", ".", ".", ".", "."],
    "pod.refused": ["draining", ".", ".", ".", ".", "."],
    "pod.progressed": ["=", "=", "=", "=", ".", "."],
    "pod.ended": ["draining", "draining", "draining", "draining", "=", "."],
    "pod.leaving": ["=", "=", "=", "=", "=", "."],
    "pod.gone": ["draining", "draining", "draining", "draining", "=", "."],
    "pod.retained": [".", ".", ".", ".", ".", "."],
    "retention.declined": [".", ".", ".", ".", ".", "."],
    "node.registered": [".", "=", ".", ".", ".", "."],
    "node.refused": [".", "draining", "draining", ".", ".", "."],
    "node.removed": [".", ".", ".", ".", "=", "."],
    "service.refused": [".", "draining", "draining", ".", ".", "."],
    "secret.created": [".", "=", ".", ".", ".", "."],
    "secret.gone": [".", ".", ".", ".", "=", "."],
    "agent.online": ["online", "online", ".", ".", ".", "."],
    "agent.lost": ["=", "=", "=", "=", ".", "."],
    "build.started": ["busy", "busy", "busy", "=", "busy", "."],
    "build.finished": ["draining", "draining", "draining", "draining", "=", "."],
    "node.dropped": [".", ".", "draining", ".", ".", "."],
    "node.missing": [".", ".", ".", ".", "=", "."],
    "build.awaited": [".", ".", ".", "=", "busy", "."],
    "none.awaited": [".", ".", ".", ".", ".", "."],
    "build.told": ["busy", "busy", "busy", "=", "busy", "."],
    "offline.marked": [".", ".", ".", "=", ".", "."],
    "offline.unmarked": [".", ".", ".", ".", ".", "."],
    "session.seen": ["=", "=", "=", "=", "=", "."],
    looked: [".", ".", ".", ".", "=", "."],
    "drain.requested": ["draining", "draining", "draining", "=", ".", "."],
    "hold.requested": [".", "draining", "draining", "=", "=", "."],
    "hold.released": [".", ".", ".", ".", ".", "."],
    "master.forgotten": ["draining", "draining", "draining", "draining", "=", "."],
    "deadline.passed": [".", ".", "draining", ".", ".", "."],
    announced: ["=", "=", "=", "=", "=", "="],
    resume: [".", ".", ".", ".", ".", "."],
  };
  const rows = Object.entries(table).flatMap(([type, row]) =>
    slaveStates.map((state, index) => [type as SlaveEventType, state, row[index] ?? ""] as const),
  );

  test.each(rows)("%s in %s: %s", (type, state, expected) => {
    const before = living[state];
    const after = tell(before, events[type]);
    if (expected === ".") {
      expect(after.changed).toBe(false);
      expect(after.life).toBe(before.life);
    } else expect(after.changed).toBe(true);
    expect(after.state).toBe(expected.length > 1 ? expected : state);
    expect(slaveLifeSchema.parse(after.life)).toEqual(after.life);
  });

  test.each(rows)("%s told again to a slave that was %s changes nothing", (type, state) => {
    const first = tell(living[state], events[type]);
    expect(tell(first, events[type]).changed).toBe(false);
  });
});

describe("passing through", () => {
  test("a slave first seen busy entered every state between, each announced", () => {
    const busy = tell(born(), started("job/a/1/"));
    expect(trailOf(busy.life)).toEqual(["requested", "scheduled", "online", "busy"]);
    expect(busy.intents[0]).toEqual({ type: "announce", params: { from: 0, upTo: 4 } });
  });

  test("a build that was over before it was seen retires its slave, and it served", () => {
    const over = tell(born(), accepted, finished("job/a/1/"));
    expect(trailOf(over.life)).toEqual(["requested", "scheduled", "online", "busy", "draining"]);
    expect(over.life).toMatchObject({ outcome: "served", builds: { ran: 1, current: null, lastUrl: "job/a/1/" } });
  });

  test("a build that came and went while its slave was being withdrawn counts: it served", () => {
    const over = tell(living.online, drain, finished("job/a/1/"));
    expect(trailOf(over.life).slice(-3)).toEqual(["draining", "busy", "draining"]);
    expect(over.life.outcome).toBe("served");
  });

  test("a pod whose acceptance was never heard is still marked, looked at and its node removed before it is deleted", () => {
    const withdrawn = tell(born(), online, drain);
    expect(kindsOf(withdrawn.intents)).toEqual(["markOffline"]);
    const later = tell(tell(born(), online), accepted);
    expect(later.life.pod.uid).toBe("uid-1");
  });
});

describe("withdrawing (H22)", () => {
  const marked = tell(living.online, drain, { type: "offline.marked" });
  const markedAt = marked.life.markedAt ?? 0;
  const look = (beganAt: number, build: string | null = null): Told => ({ type: "looked", beganAt, build });

  test("an idle slave is looked at twice, a second apart, after its mark was answered", () => {
    expect(marked.intents.find(({ type }) => type === "look")?.params).toEqual({ notBefore: 0 });
    const once = tell(marked, look(markedAt));
    expect(once.intents.find(({ type }) => type === "look")?.params).toEqual({ notBefore: markedAt + 1000 });
    expect(kindsOf(tell(once, look(markedAt + 1000)).intents)).toEqual(["removeNode"]);
  });

  test("the same look told twice, or one begun within the second, is one look", () => {
    const once = tell(marked, look(markedAt + 10));
    expect(tell(once, look(markedAt + 10)).changed).toBe(false);
    expect(kindsOf(tell(once, look(markedAt + 1009)).intents)).toEqual([]);
    expect(tell(once, look(markedAt + 1009)).life.idleLooks).toBe(1);
  });

  test("a look begun before the mark was answered does not count", () => {
    expect(tell(marked, look(markedAt - 1)).changed).toBe(false);
  });

  test("a look that sees a build: the slave is busy, goes after it, and its outcome is open again", () => {
    const busy = tell(marked, look(markedAt), look(markedAt + 1000, "job/x/9/"));
    expect(busy.state).toBe("busy");
    expect(busy.life).toMatchObject({ goesAfterBuild: true, outcome: null, idleLooks: 0 });
    const after = tell(busy, finished("job/x/9/"));
    expect([after.state, after.life.outcome]).toEqual(["draining", "served"]);
  });

  test("a look that still sees the build that is said to be over starts the count anew", () => {
    const over = living.draining;
    const at = over.life.builds.finishedAt ?? 0;
    const still = tell(over, look(at + 100, "job/a/1/"));
    expect([still.state, still.life.idleLooks, kindsOf(still.intents)]).toEqual(["draining", 0, ["look"]]);
    expect(kindsOf(tell(still, look(at + 1100)).intents)).toEqual(["removeNode"]);
  });

  test("a mark set while busy needs one look, begun after the build was seen finished", () => {
    const at = living.draining.life.builds.finishedAt ?? 0;
    expect(tell(living.draining, look(at - 1)).changed).toBe(false);
    expect(kindsOf(tell(living.draining, look(at)).intents)).toEqual(["removeNode"]);
  });

  test("a mark answered in the instant in which the build ended was not set while busy", () => {
    const over = tell(living.busy, { ...finished("job/a/1/"), at: bornAt + 900_000 });
    const late = tell(over, { type: "offline.marked", at: bornAt + 900_000 }, look(bornAt + 900_000));
    expect(kindsOf(late.intents)).toEqual(["look"]);
  });

  test("a build heard of after its node was removed is an old story", () => {
    const removed = tell(marked, look(markedAt), look(markedAt + 1000), { type: "node.removed" });
    expect(tell(removed, started("job/x/9/")).changed).toBe(false);
    expect(tell(removed, look(markedAt + 2000, "job/x/9/")).state).toBe("draining");
  });
});

describe("a lost agent", () => {
  test("that comes back changes nothing but is no supply meanwhile", () => {
    const away = tell(living.online, lost);
    expect([away.state, away.life.agent.lostAt !== null]).toEqual(["online", true]);
    expect(tell(away, online).life).toEqual(living.online.life);
  });

  test("that stays away ends an idle slave as failed", () => {
    const away = tell(living.online, lost);
    const at = (away.life.agent.lostAt ?? 0) + 2 * minuteMs;
    const over = tell(away, { type: "deadline.passed", clock: "lost", reason: "did not come back", at });
    expect([over.state, over.life.outcome]).toEqual(["draining", "failed"]);
  });

  test("of a running build that stays away gives its pod up: else a build that the master shows for ever holds it", () => {
    const away = tell(living.busy, { type: "offline.marked" }, lost);
    const at = (away.life.agent.lostAt ?? 0) + 2 * minuteMs;
    const over = tell(away, { type: "deadline.passed", clock: "lost", reason: "did not come back", at });
    expect([over.state, over.life.outcome]).toEqual(["draining", "served"]);
    const shown = tell(over, { type: "looked", beganAt: at + 1, build: "job/a/1/" });
    expect(kindsOf(shown.intents)).toEqual(["look", "deletePod"]);
    const dead = tell(shown, gone, { type: "looked", beganAt: at + 2000, build: "job/a/1/" });
    expect(kindsOf(dead.intents)).toEqual(["removeNode"]);
  });

  test("a clock that was read before the slave moved on ends nothing", () => {
    const at = bornAt + 3_600_000;
    expect(tell(living.busy, { type: "deadline.passed", clock: "idle", reason: "old", at }).changed).toBe(false);
    expect(tell(living.online, { type: "deadline.passed", clock: "connect", reason: "old", at }).changed).toBe(false);
  });
});

describe("the pod", () => {
  test.each([
    ["requested", "failed"],
    ["scheduled", "failed"],
    ["online", "failed"],
    ["busy", "served"],
  ] as const)("gone while %s: counted as %s", (state, outcome) => {
    const over = tell(living[state], gone);
    expect([over.state, over.life.outcome]).toEqual(["draining", outcome]);
  });

  test("refused ends the slave at once (H19), and nothing is left to wait for but to see it gone", () => {
    const refused = tell(born(), { type: "pod.refused", reason: "exceeded quota" });
    expect([refused.state, refused.life.outcome, kindsOf(refused.intents)]).toEqual([
      "draining",
      "failed",
      ["deletePod"],
    ]);
    expect(tell(refused, gone, { type: "secret.gone" }).state).toBe("deleted");
  });

  test("accepted after all, when its slave is leaving already: it is deleted like any other (H26)", () => {
    const thoughtGone = tell(born(), drain, gone);
    const landed = tell(thoughtGone, accepted);
    expect([landed.life.pod.goneAt, kindsOf(landed.intents)]).toEqual([null, ["markOffline"]]);
    expect(tell(landed, accepted).changed).toBe(false);
    const seenDead = tell(born(), online, drain, gone, { type: "offline.marked" });
    const looked = tell(seenDead, { type: "looked", beganAt: seenDead.life.markedAt ?? 0, build: null });
    expect(kindsOf(looked.intents)).toEqual(["removeNode"]);
    expect(kindsOf(tell(looked, accepted).intents)).toEqual(["look"]);
  });

  test.each(["requested", "scheduled", "online", "busy"] as const)(
    "that is being deleted, disrupted or whose agent's container ended while %s: marked at once, then removed (H28)",
    (state) => {
      const alive = tell(living[state], accepted);
      const over = tell(alive, ended);
      expect([over.state, kindsOf(over.intents)]).toEqual(["draining", ["markOffline", "deletePod"]]);
      // A dead process runs nothing, whatever a half-open connection shows: one look after the mark is enough.
      const marked = tell(over, { type: "offline.marked" });
      const looked = tell(marked, { type: "looked", beganAt: marked.life.markedAt ?? 0, build: "job/a/1/" });
      expect(kindsOf(looked.intents)).toEqual(["removeNode", "deletePod"]);
      expect(kindsOf(tell(looked, { type: "node.removed" }).intents)).toEqual(["deletePod"]);
    },
  );

  test("that is long overdue is to be deleted by force, if its machine is dead (H29)", () => {
    const goneBy = bornAt + 600_000;
    const leaving = tell(living.busy, { type: "pod.leaving", goneBy }, ended);
    const deletion = (slave: Step) => slave.intents.find(({ type }) => type === "deletePod")?.params;
    expect(deletion(leaving)).toEqual({});
    const clock = { type: "deadline.passed", clock: "force", reason: "still there" } as const;
    expect(tell(leaving, { ...clock, at: goneBy + minuteMs - 1 }).changed).toBe(false);
    const overdue = tell(leaving, { ...clock, at: goneBy + minuteMs });
    expect([deletion(overdue), overdue.life.podMayGoFirst]).toEqual([{ overdueSince: goneBy }, false]);
    expect(kindsOf(overdue.intents)).toEqual(["markOffline", "deletePod"]);
  });

  test("that has ended need not hold its place while the master does not answer", () => {
    expect(kindsOf(tell(living.busy, ended).intents)).toEqual(["markOffline", "deletePod"]);
  });

  test("of a slave seen idle ten minutes ago may go before its node, and is kept again if a build is seen", () => {
    const marked = tell(living.online, drain, { type: "offline.marked" });
    const beganAt = (marked.life.markedAt ?? 0) + 5;
    const idle = tell(marked, { type: "looked", beganAt, build: null });
    const clock = { type: "deadline.passed", clock: "drain", reason: "long ago" } as const;
    expect(tell(idle, { ...clock, at: beganAt + 10 * minuteMs - 1 }).changed).toBe(false);
    const first = tell(idle, { ...clock, at: beganAt + 10 * minuteMs });
    expect(kindsOf(first.intents)).toEqual(["look", "deletePod"]);
    expect(tell(first, started("job/x/1/")).life.podMayGoFirst).toBe(false);
  });

  test("whose progress was reported before the create was answered keeps it", () => {
    const report: Told = {
      type: "pod.progressed",
      node: "n1",
      waitsOn: "agent",
      detail: "",
      anew: false,
      at: bornAt + 5,
    };
    const known = tell(born(), report, { ...accepted, at: bornAt + 9 });
    expect(known.life.pod).toMatchObject({ waitsOn: "agent", waitsSince: bornAt + 5, acceptedAt: bornAt + 9 });
  });

  test("an image's clock starts anew with each image, and with nothing else", () => {
    const pull = (detail: string, anew: boolean, at: number): Told => ({
      type: "pod.progressed",
      node: "n1",
      waitsOn: "image",
      detail,
      anew,
      at,
    });
    const first = tell(
      living.scheduled,
      pull("base", false, bornAt + 10_000),
      pull("base 50 %", false, bornAt + 20_000),
    );
    expect(first.life.pod.waitsSince).toBe(bornAt + 10_000);
    expect(tell(first, pull("tools", true, bornAt + 30_000)).life.pod.waitsSince).toBe(bornAt + 30_000);
  });
});

describe("reuse", () => {
  const ready = (builds: number) =>
    tell(born({ builds }), accepted, { type: "node.registered" }, { type: "secret.created" }, online);

  test("builds: 2 goes online between, is marked only for the last one, and leaves after it", () => {
    const first = tell(ready(2), started("job/a/1/"));
    expect(kindsOf(first.intents)).toEqual([]);
    const between = tell(first, finished("job/a/1/"));
    expect(between.state).toBe("online");
    const second = tell(between, started("job/a/2/"));
    expect(kindsOf(second.intents)).toEqual(["markOffline"]);
    expect(tell(second, finished("job/a/2/"))).toMatchObject({ state: "draining", life: { builds: { ran: 2 } } });
  });

  test("a slave whose master is forgotten loses its pod at once, whatever it did, and its end says why no node was removed", () => {
    for (const state of ["scheduled", "online", "busy", "draining"] as const) {
      const given = tell(living[state], forgotten);
      expect(kindsOf(given.intents)).toEqual(["deletePod"]);
      const over = tell(given, gone, { type: "secret.gone" });
      expect([over.state, over.life.trail.at(-1)?.reason]).toEqual([
        "deleted",
        "pod and Secret are gone, and the master is off for good",
      ]);
    }
  });

  test("builds: 0 has no limit but a request to drain, which waits for the build", () => {
    let now = ready(0);
    for (let n = 1; n <= 40; n += 1) now = tell(now, started(`job/a/${n}/`), finished(`job/a/${n}/`));
    expect([now.state, now.life.builds.ran]).toEqual(["online", 40]);
    expect(now.life.trail).toHaveLength(trailLimit);
    expect(now.life.trailDropped + trailLimit).toBe(3 + 80);
    const asked = tell(now, started("job/a/41/"), drain);
    expect([asked.state, kindsOf(asked.intents)]).toEqual(["busy", ["markOffline"]]);
    expect(tell(asked, drain).changed).toBe(false);
    expect(tell(asked, finished("job/a/41/")).state).toBe("draining");
  });

  test("a build whose end was missed is counted when the next one is seen", () => {
    const next = tell(ready(0), started("job/a/1/"), started("job/a/2/"));
    expect(next.life.builds).toMatchObject({ ran: 1, lastUrl: "job/a/1/", current: { url: "job/a/2/" } });
  });

  test("a build that ended and was never seen to begin counts beside the one known to run", () => {
    const over = tell(ready(2), started("job/a/1/"), finished("job/a/2/"));
    expect([over.state, over.life.builds.ran]).toEqual(["draining", 2]);
  });

  test("a build told of again changes nothing", () => {
    const over = tell(ready(0), started("job/a/1/"), finished("job/a/1/"));
    expect(tell(over, started("job/a/1/")).changed).toBe(false);
    expect(tell(over, finished("job/a/1/")).changed).toBe(false);
  });
});

describe("what is saved", () => {
  test.each(slaveStates)("a crash between save and do: `resume` of a %s slave says the same intents", (state) => {
    const { life, intents } = living[state];
    const restored = slaveLifeSchema.parse(JSON.parse(JSON.stringify(life)));
    expect(restored).toEqual(life);
    const resumed = step(state, restored, { type: "resume", at: bornAt });
    expect(resumed.intents).toEqual(intents);
    expect(resumed.changed).toBe(false);
  });

  test("sentences of the cluster are cut to what a record takes", () => {
    const long = "x".repeat(textLimit + 1);
    const report: Told = { type: "pod.progressed", node: null, waitsOn: "node", detail: long, anew: false };
    const told = tell(living.scheduled, report);
    expect(tell(told, report).changed).toBe(false);
    const over = tell(told, { ...ended, reason: long } as Told);
    expect(slaveLifeSchema.parse(over.life)).toEqual(over.life);
  });
});
