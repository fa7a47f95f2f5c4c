import type { SlaveState } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { refusedHold } from "./holding.ts";
import {
  born,
  drain,
  ended,
  finished,
  forgotten,
  gone,
  held,
  kindsOf,
  living,
  online,
  seen,
  started,
  type Told,
  tell,
} from "./slave.fixture.ts";
import type { Step } from "./step.ts";

const url = "job/a/1/";
const evicted: Told = { type: "pod.ended", reason: "the pod was evicted", failure: "evicted" };
const marked: Told = { type: "offline.marked" };
const unmarked: Told = { type: "offline.unmarked" };
const runs: Told = { type: "pod.progressed", node: "n2", waitsOn: "agent", detail: "", anew: false };
const accepted = (uid: string): Told => ({ type: "pod.accepted", uid });
const secret: Told = { type: "secret.created" };
const dropped: Told = { type: "node.dropped", reason: "its node is gone from the master" };
const passed = (clock: "request" | "schedule" | "connect"): Told => ({
  type: "deadline.passed",
  clock,
  reason: "no node took the pod in time",
  at: 99_000_000,
});

/** A slave at work, with its node, whose template lets so many pods follow. */
function working(relaunch: number | undefined, builds = 1): Step {
  const slave = born({ builds, ...(relaunch === undefined ? {} : { relaunch }) });
  const ready = tell(slave, accepted("uid-1"), { type: "node.registered" }, secret, seen("one"), online, started(url));
  return tell(ready, marked);
}

const lost = tell(working(2), evicted);
const next = tell(lost, marked, gone);
const coming = tell(next, accepted("uid-2"), secret, runs);
const unmarkedNow = tell(coming, unmarked);
const back = tell(unmarkedNow, online);

describe("a pod that is lost under its build, where another one may follow", () => {
  test.each<[string, Step, string[]]>([
    ["is told of at once, and deleted", lost, ["markOffline", "deletePod"]],
    ["is deleted until it is gone, and nothing is created before", tell(lost, marked), ["deletePod"]],
    ["is gone: the next one is created", next, ["createPod"]],
    ["is gone before the master was told: both", tell(lost, gone), ["markOffline", "createPod"]],
    ["is there: its Secret is made, of the node that is there still", tell(next, accepted("uid-2")), ["createSecret"]],
    ["waits for its machine: nothing is to be done", tell(next, accepted("uid-2"), secret), []],
    ["runs its agent: the mark goes, by which that is seen to come", coming, ["bringOnline"]],
    ["is waited for", unmarkedNow, []],
    ["has connected its agent: the build is its last one, as before", back, ["markOffline"]],
  ])("%s", (_, { state, intents }, expected) => {
    expect([state, kindsOf(intents)]).toEqual(["busy", expected]);
  });

  test("tells how it goes on, each time with the state", () => {
    expect(back.life.trail.slice(-3).map(({ state, reason }) => [state, reason])).toEqual([
      ["busy", `runs ${url}`],
      ["busy", "the pod was evicted; pod 2 of at most 3 follows it"],
      ["busy", `${url} may go on: the agent is connected again, from pod 2`],
    ]);
  });

  test("is another pod, of which nothing of the first one is told", () => {
    expect(lost.life).toMatchObject({ attempt: 1, lost: { class: "evicted", reason: "the pod was evicted" } });
    expect(next.life).toMatchObject({
      attempt: 2,
      lost: { class: "evicted" },
      pod: { uid: null, node: null, endedAt: null, goneAt: null, goneBy: null, isOverdue: false, waitsOn: "node" },
      secret: { createdAt: null, goneAt: null },
    });
    expect(back.life).toMatchObject({ attempt: 2, lost: null, pod: { uid: "uid-2" }, agent: { lostAt: null } });
    expect(back.life.node).toEqual(lost.life.node);
  });

  test("lets its build end as it should", () => {
    const over = tell(back, marked, finished(url));
    expect([over.state, over.life.outcome, over.life.failure]).toEqual(["draining", "served", null]);
  });

  test("that went before anybody told of its end is followed at once", () => {
    const unseen = tell(working(1), gone);
    expect([unseen.state, unseen.life.attempt, unseen.life.lost?.class]).toEqual(["busy", 2, "pod-deleted"]);
    expect(kindsOf(unseen.intents)).toEqual(["markOffline", "createPod"]);
  });

  test("is removed by force when it is long overdue", () => {
    const going = tell(lost, marked, { type: "pod.leaving", goneBy: 2_000_000 });
    const overdue = tell(going, { type: "deadline.passed", clock: "force", reason: "still there", at: 2_060_000 });
    expect(overdue.intents).toContainEqual({ type: "deletePod", params: { overdueSince: 2_000_000 } });
  });

  test("of a build that awaits its master's restart: that is put back online for it, and asked for", () => {
    const restarted = tell(lost, marked, seen("two"));
    expect(kindsOf(restarted.intents)).toEqual(["bringOnline", "askBuilds", "deletePod"]);
    const after = tell(restarted, gone, accepted("uid-2"), secret, unmarked, runs, online);
    expect([after.state, after.life.lost, kindsOf(after.intents)]).toEqual(["busy", null, ["askBuilds"]]);
    expect(tell(after, started(url)).life.builds).toMatchObject({ current: { url }, awaited: [] });
    const interrupted = tell(working(1), seen("two"), evicted);
    expect([interrupted.state, interrupted.life.lost?.class]).toEqual(["busy", "evicted"]);
  });

  test("that comes before its Secret is there is none of the next one's agent", () => {
    for (const early of [lost, next, tell(next, accepted("uid-2"))])
      expect(tell(early, online).life).toEqual(early.life);
  });

  test("is told of once: late words of it change nothing for the next one", () => {
    const late: Told[] = [gone, evicted, secret, accepted("uid-1"), { type: "pod.leaving", goneBy: 1 }];
    for (const of of [next, coming, back])
      for (const word of late) expect(tell(of, { ...word, attempt: 1 }).life).toBe(of.life);
  });

  test("is marked again where a mark that was on its way came late", () => {
    expect(kindsOf(tell(unmarkedNow, marked).intents)).toEqual(["bringOnline"]);
  });
});

describe("it ends as any lost slave does", () => {
  const only = (...told: Told[]): Step => tell(working(1), evicted, marked, gone, ...told);
  test.each<[string, Step, string, RegExp]>([
    ["where no pod may follow", tell(working(undefined), evicted), "evicted", /^the pod was evicted$/],
    [
      "when the last one that may follow is lost",
      only(accepted("uid-2"), secret, runs, unmarked, online, ended),
      "agent-exited",
      /^the agent's container ended with code 1$/,
    ],
    [
      "when that is lost before its agent came",
      only(accepted("uid-2"), ended),
      "agent-exited",
      /code 1; its pod before was lost: the pod was evicted$/,
    ],
    [
      "when the next one is refused",
      only({ type: "pod.refused", reason: "quota", failure: "quota-full" }),
      "quota-full",
      /^the pod was refused: quota; its pod before was lost/,
    ],
    [
      "when the next one can't be created",
      only(passed("request")),
      "pod-not-made",
      /; its pod before was lost: the pod was evicted$/,
    ],
    ["when no machine takes it", only(accepted("uid-2"), secret, passed("schedule")), "unschedulable", /no node took/],
    [
      "when its agent does not come",
      only(accepted("uid-2"), secret, runs, passed("connect")),
      "agent-never-connected",
      /./,
    ],
    [
      "when its node is dropped",
      only(dropped),
      "evicted",
      /^its node is gone from the master; its pod before was lost/,
    ],
    [
      "when its build ends meanwhile, as a freestyle build does, though its template lets it run more",
      tell(working(2, 0), evicted, marked, finished(url)),
      "evicted",
      /is over; its pod before was lost/,
    ],
    ["when its master is given up", only(forgotten), "evicted", /./],
  ])("%s", (_, { state, life }, failure, why) => {
    expect([state, life.outcome, life.failure?.class, life.lost]).toEqual(["draining", "served", failure, null]);
    expect(life.trail.at(-1)?.reason).toMatch(why);
  });

  test("and with everything asked for done nothing of it is left, whichever pod it had come to", () => {
    const over = tell(next, finished(url));
    expect(kindsOf(over.intents)).toEqual(["look"]);
    const looks = tell(over, { type: "looked", beganAt: 5_000_000, build: null }, { type: "node.removed" }, gone);
    expect(tell(looks, { type: "secret.gone" }).state).toBe("deleted");
  });
});

describe("a slave that somebody holds", () => {
  const hold = held(9_000_000);
  test("keeps the pod that was lost, to be looked into: none follows", () => {
    const after = tell(working(1), hold, ended);
    expect([after.state, after.life.lost, kindsOf(after.intents)]).toEqual(["draining", null, ["markOffline"]]);
  });

  test("can't be held between two pods, and can be when the next one is there", () => {
    expect(tell(lost, hold).changed).toBe(false);
    expect(refusedHold({ name: "ks-m-abcd1", state: "busy", life: lost.life })).toMatch(
      /^The pod of ks-m-abcd1 was lost/,
    );
    expect(refusedHold({ name: "ks-m-abcd1", state: "busy", life: coming.life })).toBeUndefined();
    expect(tell(coming, hold).life.held?.by).toBe("ann");
  });
});

describe("only a build is worth another pod", () => {
  test.each<[string, SlaveState]>([
    ["it is scheduled", "scheduled"],
    ["it is online and idle", "online"],
    ["it is on its way out", "draining"],
  ])("not while %s", (_, state) => {
    const life = { ...living[state].life, limits: { ...living[state].life.limits, relaunch: 3 } };
    const after = tell({ ...living[state], life }, evicted);
    expect([after.state, after.life.lost, after.life.attempt]).toEqual(["draining", null, 1]);
  });

  test("also where it was drained meanwhile, and goes after its build", () => {
    const after = tell(working(1), drain, evicted);
    expect([after.state, after.life.goesAfterBuild, after.life.lost?.class]).toEqual(["busy", true, "evicted"]);
  });
});
