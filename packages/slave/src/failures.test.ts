import type { FailureClass } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { fixedLimits, passedDeadline } from "./deadlines.ts";
import { accepted, born, drain, ended, finished, living, lost, started, type Told, tell } from "./slave.fixture.ts";
import type { Step } from "./step.ts";

const { requested, scheduled, online, busy } = living;
const far = 9_000_000_000;
const runsOut = (
  clock: "request" | "schedule" | "pull" | "mend" | "start" | "register" | "connect" | "lost" | "idle" | "age",
  more = {},
): Told => ({ type: "deadline.passed", clock, reason: clock, at: far, ...more }) as Told;
const waits = (waitsOn: "node" | "image" | "start" | "agent", trouble?: FailureClass | null, at?: number): Told => ({
  type: "pod.progressed",
  node: waitsOn === "node" ? null : "n1",
  waitsOn,
  detail: `waits for ${waitsOn}`,
  anew: false,
  ...(trouble === undefined ? {} : { trouble }),
  ...(at === undefined ? {} : { at }),
});
const registered: Told[] = [{ type: "node.registered" }, { type: "secret.created" }];

describe("what a slave failed of", () => {
  test.each<[string, Step, Told[], string | null]>([
    ["the cluster's refusal", requested, [{ type: "pod.refused", reason: "x", failure: "quota-full" }], "quota-full"],
    ["a create that was never answered", requested, [runsOut("request")], "pod-not-made"],
    ["no node", scheduled, [...registered, runsOut("schedule")], "unschedulable"],
    ["an image", scheduled, [...registered, waits("image", "image-pull"), runsOut("pull")], "image-pull"],
    ["an image that tells nothing", scheduled, [...registered, waits("image"), runsOut("pull")], "image-pull"],
    [
      "an image that will not come",
      scheduled,
      [...registered, waits("image", "image-denied"), runsOut("mend")],
      "image-denied",
    ],
    [
      "what its containers name",
      scheduled,
      [...registered, waits("start", "container-config"), runsOut("mend")],
      "container-config",
    ],
    ["a slow start", scheduled, [...registered, waits("start"), runsOut("start")], "container-start"],
    ["no node at the master", scheduled, [runsOut("register")], "node-not-made"],
    ["no Secret", scheduled, [{ type: "node.registered" }, runsOut("register")], "secret-not-made"],
    [
      "a master's refusal",
      scheduled,
      [{ type: "node.refused", reason: "403", failure: "master-refused" }],
      "master-refused",
    ],
    ["a Service's refusal", scheduled, [{ type: "service.refused", reason: "x", failure: "quota-full" }], "quota-full"],
    ["no agent", scheduled, [...registered, waits("agent"), runsOut("connect")], "agent-never-connected"],
    [
      "an agent that is too old",
      scheduled,
      [...registered, waits("agent"), runsOut("connect", { cause: "java-too-old" })],
      "agent-too-old",
    ],
    [
      "an agent that says so itself",
      scheduled,
      [{ type: "pod.ended", reason: "x", failure: "agent-exited", cause: "agent-too-old" }],
      "agent-too-old",
    ],
    ["an agent that was lost", online, [lost, runsOut("lost")], "agent-lost"],
    [
      "memory, in the midst of its build",
      busy,
      [{ type: "pod.ended", reason: "x", failure: "out-of-memory" }],
      "out-of-memory",
    ],
    ["a pod that is gone", busy, [{ type: "pod.gone", reason: "gone" }], "pod-deleted"],
    ["nothing: its build is over", busy, [finished("job/a/1/")], null],
    ["nothing: it idled", online, [runsOut("idle")], null],
    ["nothing: it was not needed", scheduled, [drain], null],
    ["nothing any more: it got a build as it went", online, [lost, runsOut("lost"), started("job/b/1/")], null],
  ])("is %s", (_, from, events, failure) => {
    expect(tell(from, ...events).life.failure?.class ?? null).toBe(failure);
  });

  test("is told late, where the master told the end of a build before the cluster told who killed it", () => {
    const over = tell(busy, finished("job/a/1/"));
    const at = (over.life.builds.finishedAt ?? 0) + 3000;
    const killed: Told = {
      type: "pod.ended",
      reason: "killed for want of memory",
      failure: "out-of-memory",
      at,
    } as Told;
    expect(tell(over, killed).life.failure).toEqual({ class: "out-of-memory", reason: "killed for want of memory" });
    expect(tell(over, { ...killed, at: at + 10_000 } as Told).life.failure).toBeNull();
    // An agent ends with its connection: that is no failure.
    expect(tell(over, { ...ended, at } as Told).life.failure).toBeNull();
  });
});

describe("what waiting does not mend", () => {
  const passed = ({ state, life }: Step, now: number) => passedDeadline(state, life, { now, masterKnown: true })?.clock;
  const ready = tell(born(), accepted, ...registered);
  const t = 2_000_000;

  test.each<[FailureClass, boolean]>([
    ["image-not-found", true],
    ["image-denied", true],
    ["image-name-invalid", true],
    ["container-config", true],
    ["image-pull", false],
    ["container-start", false],
  ])("%s ends the slave after 30 s: %s", (trouble, ends) => {
    const stuck = tell(ready, waits(trouble.startsWith("image") ? "image" : "start", trouble, t));
    expect(passed(stuck, t + fixedLimits.mendMs - 1)).toBeUndefined();
    expect(passed(stuck, t + fixedLimits.mendMs)).toBe(ends ? "mend" : undefined);
  });

  test("is given its time anew when it comes again, and none is left when it passed", () => {
    const missing = waits("image", "image-not-found", t);
    const again = { ...waits("image", "image-not-found", t + 20_000), detail: "again" } as Told;
    expect(passed(tell(ready, missing, again), t + 30_000)).toBe("mend");
    const busyRegistry = { ...waits("image", "image-pull", t + 10_000), detail: "429" } as Told;
    expect(passed(tell(ready, missing, busyRegistry, again), t + 49_999)).toBeUndefined();
    expect(passed(tell(ready, missing, waits("start", null, t + 20_000)), t + 40_000)).toBeUndefined();
  });
});
