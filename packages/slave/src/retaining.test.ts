import type { SlaveLimits } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { deadlinesOf } from "./deadlines.ts";
import { entryOf } from "./life.ts";
import { retentionOf } from "./retaining.ts";
import {
  accepted,
  born,
  bornAt,
  drain,
  ended,
  finished,
  gone,
  kindsOf,
  minuteMs,
  online,
  started,
  type Told,
  tell,
} from "./slave.fixture.ts";

const url = "job/a/1/";
const idle: Told = { type: "looked", beganAt: bornAt + 3_600_000, build: null };
const again: Told = { type: "looked", beganAt: bornAt + 3_602_000, build: null };
const onMachine: Told = { type: "pod.progressed", node: "n", waitsOn: "start", detail: "", anew: false };
const ready: Told[] = [accepted, onMachine, { type: "node.registered" }, { type: "secret.created" }];
const ran: Told[] = [...ready, online, started(url), { type: "offline.marked" }, finished(url), idle];
const removed: Told = { type: "node.removed" };
const neverCame: Told[] = [
  ...ready,
  { type: "pod.progressed", node: "n", waitsOn: "agent", detail: "", anew: false },
  { type: "deadline.passed", clock: "connect", reason: "it did not connect", at: bornAt + 3_600_000 },
  { type: "offline.marked" },
  { ...idle, beganAt: bornAt + 7_200_000 },
  { ...again, beganAt: bornAt + 7_202_000 },
];

function of(when: NonNullable<SlaveLimits["retain"]>["when"] | undefined, ...events: readonly Told[]) {
  return tell(born(when === undefined ? {} : { retain: { when, forMs: 3_600_000 } }), ...events);
}

describe("a pod is to be kept", () => {
  const diedUnderBuild: Told[] = [...ready, online, started(url), ended];
  const unwanted: Told[] = [...ready, online, drain, { type: "offline.marked" }, idle, again, removed];
  const noMachine: Told[] = [
    accepted,
    { type: "deadline.passed", clock: "schedule", reason: "no machine", at: bornAt + 3_600_000 },
    removed,
  ];
  const wiped: Told = { type: "pod.leaving", goneBy: bornAt + 8_000_000 };
  test.each<[string, readonly Told[], string | undefined, string | undefined]>([
    ["of an agent that never came", [...neverCame, removed], "it did not connect", "it did not connect"],
    ["never while its node is there and its process lives", neverCame, undefined, undefined],
    [
      "of a container that failed at once, node or not",
      [...ready, ended],
      "the agent's container",
      "the agent's container",
    ],
    [
      "of an agent that ended under its build",
      diedUnderBuild,
      `its agent ended under ${url}`,
      `its agent ended under ${url}`,
    ],
    [
      "of one whose build told its end after",
      [...diedUnderBuild, finished(url)],
      "its agent ended under",
      "its agent ended",
    ],
    ["of a build that ended, if it failed", [...ran, removed], `${url} failed?`, "its template keeps every pod"],
    ["never while the build's node is there", ran, undefined, undefined],
    ["never of one that nobody wanted", unwanted, undefined, undefined],
    ["never of one that somebody deletes", [...neverCame, removed, wiped], undefined, undefined],
    ["never of one that no machine took", noMachine, undefined, undefined],
    ["never of one that is gone", [...neverCame, removed, gone], undefined, undefined],
    ["never of one that was refused", [{ type: "pod.refused", reason: "quota" }], undefined, undefined],
  ])("%s", (_, events, onFailure, always) => {
    const said = (when?: "onFailure" | "always") => {
      const retention = retentionOf(of(when, ...events).life);
      return retention?.ifFailed === undefined ? retention?.because : `${retention.ifFailed} failed?`;
    };
    expect(said()).toBeUndefined();
    for (const [when, expected] of [
      ["onFailure", onFailure],
      ["always", always],
    ] as const) {
      if (expected === undefined) expect(said(when)).toBeUndefined();
      else expect(said(when)).toContain(expected);
    }
  });

  test("of the one that was ended with its slave's others it is not: an idle agent that fell over after its build served", () => {
    const reused = tell(born({ builds: 0, retain: { when: "onFailure", forMs: 1 } }), ...ready, online, started(url));
    const fell = tell(reused, finished(url), ended);
    expect(fell.life.outcome).toBe("served");
    expect(retentionOf(fell.life)).toMatchObject({ ifFailed: url });
  });
});

describe("a pod that is kept", () => {
  const at = bornAt + 4_000_000;
  const until = at + 60 * minuteMs;
  const kept = of("always", ...ran, removed, { type: "pod.retained", until, because: "so", at });

  test("is stopped instead of deleted, its Secret goes, and its slave is over once it has ended", () => {
    expect(kindsOf(of("always", ...ran, removed).intents)).toEqual(["retainPod"]);
    expect([kept.state, kindsOf(kept.intents)]).toEqual(["draining", ["confirmSecretGone"]]);
    const without = tell(kept, { type: "secret.gone" });
    expect([without.state, kindsOf(without.intents)]).toEqual(["draining", []]);
    const over = tell(without, ended);
    expect([over.state, over.life.pod.goneAt]).toEqual(["deleted", null]);
    expect(entryOf(over.life).reason).toBe("all is gone, but its pod, which is kept for 60 min: so");
    expect(tell(over, gone).changed).toBe(false);
  });

  test("is deleted where that is declined, and asked for once", () => {
    const declined = of("onFailure", ...ran, removed, { type: "retention.declined" });
    expect(kindsOf(declined.intents)).toEqual(["deletePod"]);
    expect(tell(declined, { type: "pod.retained", until, because: "late" }).changed).toBe(false);
    expect(tell(declined, gone, { type: "secret.gone" }).state).toBe("deleted");
  });

  test("is deleted where its containers do not end in time", () => {
    const [clock] = deadlinesOf(kept.state, kept.life).filter((deadline) => deadline.clock === "retain");
    expect(clock).toMatchObject({ at: at + 10 * minuteMs, needsMaster: false });
    expect(clock?.reason).toMatch(/did not end within 10 minutes/);
    expect(deadlinesOf(kept.state, tell(kept, ended).life).some((deadline) => deadline.clock === "retain")).toBe(false);
    const late = tell(kept, { type: "deadline.passed", clock: "retain", reason: "x", at: at + 10 * minuteMs });
    expect(late.life.podMayGoFirst).toBe(false);
    expect(kindsOf(late.intents)).toEqual(["deletePod"]);
  });

  test("is let go where somebody deletes it: then it is waited for as for any other", () => {
    const leaving = tell(kept, { type: "pod.leaving", goneBy: until });
    expect(kindsOf(leaving.intents)).toEqual(["deletePod"]);
    const ending = tell(leaving, ended, { type: "secret.gone" });
    expect(ending.state).toBe("draining");
    expect(tell(ending, gone).state).toBe("deleted");
    expect(entryOf(tell(ending, gone).life).reason).toBe("pod, Secret and node are gone");
  });
});
