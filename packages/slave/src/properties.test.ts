import { type Outcome, type SlaveLife, type SlaveLimits, type SlaveState, slaveLifeSchema } from "@kubestack/contracts";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { SlaveEvent } from "./events.ts";
import { isHeld } from "./holding.ts";
import { type Intent, isToBeMadeAnew, loadingMs, lookSpacingMs, looksNeeded } from "./intents.ts";
import { entryOf, isAwaiting, isLastBuild, isPodAlive, isPodKept, mayHaveNode, newLife, stepsOf } from "./life.ts";
import { bornAt, limits, minuteMs } from "./slave.fixture.ts";
import { begin, type Step, step } from "./step.ts";

// Many random cases, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 120_000 });

const hourMs = 3_600_000;
const at = fc.oneof(
  fc.integer({ min: bornAt, max: bornAt + 5000 }),
  fc.integer({ min: bornAt, max: bornAt + 20 * hourMs }),
);
const reason = fc.constantFrom("", "because");
const url = fc.constantFrom("job/a/1/", "job/a/2/", "job/b/1/", "job/c/7/");

/** Any event with any time: late, repeated, from the future, out of order. */
const anyEvent: fc.Arbitrary<SlaveEvent> = fc.oneof(
  fc.record({ type: fc.constant("pod.accepted" as const), at, uid: fc.constantFrom("uid-1", "uid-2") }),
  fc.record({
    type: fc.constantFrom(
      "pod.refused",
      "pod.ended",
      "pod.gone",
      "node.refused",
      "service.refused",
      "node.dropped",
      "agent.lost",
      "master.forgotten",
    ),
    at,
    reason,
  }),
  fc.record({
    type: fc.constantFrom("node.registered", "node.removed", "secret.created", "secret.gone", "agent.online", "resume"),
    at,
  }),
  fc.record({ type: fc.constant("pod.leaving" as const), at, goneBy: at }),
  fc.record({ type: fc.constant("offline.marked" as const), at }),
  fc.record({ type: fc.constant("offline.unmarked" as const), at }),
  fc.record({ type: fc.constant("none.awaited" as const), at, readAt: at, session: fc.constantFrom("one", "two") }),
  fc.record({ type: fc.constant("session.seen" as const), at, session: fc.constantFrom("one", "two") }),
  fc.record({ type: fc.constantFrom("build.awaited", "build.told"), at, url, readAt: at }),
  fc.record({
    type: fc.constant("pod.progressed" as const),
    at,
    node: fc.constantFrom(null, "n1"),
    waitsOn: fc.constantFrom("node", "image", "start", "agent"),
    detail: reason,
    anew: fc.boolean(),
  }),
  fc.record({ type: fc.constantFrom("build.started", "build.finished"), at, url }),
  fc.record({ type: fc.constant("looked" as const), at, beganAt: at, build: fc.option(url) }),
  fc.record({
    type: fc.constant("drain.requested" as const),
    at,
    reason,
    outcome: fc.constantFrom<Outcome>("failed", "withdrawn"),
  }),
  fc.record({
    type: fc.constant("hold.requested" as const),
    at,
    by: fc.constantFrom("ann", "bob"),
    until: at,
    reason,
  }),
  fc.record({ type: fc.constant("hold.released" as const), at, reason }),
  fc.record({
    type: fc.constant("deadline.passed" as const),
    at,
    reason,
    clock: fc.constantFrom(
      "request",
      "schedule",
      "pull",
      "start",
      "register",
      "connect",
      "idle",
      "age",
      "lost",
      "resume",
      "drain",
      "force",
      "retain",
      "build",
      "hold",
    ),
  }),
  fc.record({
    type: fc.constant("pod.retained" as const),
    at,
    until: fc.integer({ min: bornAt, max: bornAt + 9_000_000 }),
    because: fc.constant("kept"),
  }),
  fc.record({ type: fc.constant("retention.declined" as const), at }),
  fc.record({ type: fc.constant("announced" as const), at, upTo: fc.integer({ min: 0, max: 8 }) }),
);

/** A slave that has come to a build, from where much of what may happen is far off by chance. */
const atWork: readonly SlaveEvent[] = [
  { type: "pod.accepted", at: bornAt, uid: "uid-1" },
  { type: "node.registered", at: bornAt },
  { type: "secret.created", at: bornAt },
  { type: "build.started", at: bornAt, url: "job/a/1/" },
];
const heads: readonly (readonly SlaveEvent[])[] = [
  [],
  atWork,
  [...atWork, { type: "pod.ended", at: bornAt, reason: "lost" }],
];

/** Random events mixed with right answers to what was asked for, so that histories also get far. */
const history = fc.record({
  builds: fc.integer({ min: 0, max: 2 }),
  relaunch: fc.integer({ min: 0, max: 2 }),
  retain: fc.constantFrom(
    undefined,
    { when: "onFailure", forMs: 3_600_000 } as const,
    {
      when: "always",
      forMs: 3_600_000,
    } as const,
  ),
  told: fc
    .tuple(
      fc.constantFrom(...heads),
      fc.array(fc.oneof({ weight: 2, arbitrary: anyEvent }, { weight: 3, arbitrary: fc.constant("answer" as const) }), {
        maxLength: 60,
      }),
    )
    .map(([head, rest]) => [...head, ...rest]),
});

interface Moment {
  readonly before: Step;
  readonly event: SlaveEvent;
  readonly after: Step;
}

function play(of: {
  builds: number;
  relaunch: number;
  retain?: SlaveLimits["retain"] | undefined;
  told: readonly (SlaveEvent | "answer")[];
}): { last: Step; moments: Moment[] } {
  let now = begin(
    newLife(
      {
        ...{ ...limits, builds: of.builds },
        ...(of.relaunch === 0 ? {} : { relaunch: of.relaunch }),
        ...(of.retain === undefined ? {} : { retain: of.retain }),
      },
      { at: bornAt, reason: "born" },
    ),
  );
  const moments: Moment[] = [];
  let clock = bornAt;
  for (const told of of.told) {
    const said = told === "answer" ? answerTo(now, clock) : told;
    if (said === undefined) continue;
    const event = { ...said, attempt: now.life.attempt };
    const before = now;
    now = step(before.state, before.life, event);
    clock = Math.max(clock, event.at) + 700;
    moments.push({ before, event, after: now });
  }
  return { last: now, moments };
}

/** The answer of a world in which everything works, to the first thing asked for beside announcing. */
function answerTo({ state, life }: Step, now: number): SlaveEvent | undefined {
  const due = step(state, life, { type: "resume", at: now }).intents;
  const first = due.find(({ type }) => type !== "announce") ?? due[0];
  return first === undefined ? onward(state, life, now) : goodAnswer(first, now);
}

function goodAnswer(intent: Intent, now: number): SlaveEvent {
  switch (intent.type) {
    case "announce":
      return { type: "announced", at: now, upTo: intent.params.upTo };
    case "createPod":
      return { type: "pod.accepted", at: now, uid: "uid-1" };
    case "registerNode":
      return { type: "node.registered", at: now };
    case "createSecret":
      return { type: "secret.created", at: now };
    case "markOffline":
      return { type: "offline.marked", at: now };
    case "bringOnline":
      return { type: "offline.unmarked", at: now };
    case "askBuilds":
      return { type: "build.finished", at: now, url: intent.params.urls[0] ?? "" };
    case "look":
      return { type: "looked", at: now, beganAt: Math.max(now, intent.params.notBefore), build: null };
    case "removeNode":
      return { type: "node.removed", at: now };
    case "retainPod":
      return intent.params.ifFailed === undefined
        ? { type: "pod.retained", at: now, until: now + 3_600_000, because: intent.params.because }
        : { type: "retention.declined", at: now };
    case "deletePod":
      return { type: "pod.gone", at: now, reason: "gone" };
    case "confirmSecretGone":
      return { type: "secret.gone", at: now };
  }
}

function onward(state: SlaveState, life: SlaveLife, now: number): SlaveEvent | undefined {
  if (isPodKept(life) && life.pod.endedAt === null) return { type: "pod.ended", at: now, reason: "its time is over" };
  if (state === "scheduled") return { type: "agent.online", at: now };
  if (state === "online") return { type: "build.started", at: now, url: "job/d/1/" };
  if (state === "busy") return { type: "build.finished", at: now, url: life.builds.current?.url ?? "" };
  if (life.unsureSince === null || life.session === null) return undefined;
  const readAt = Math.max(life.unsureSince, life.node.registeredAt ?? 0) + loadingMs;
  return { type: "none.awaited", at: now, readAt, session: life.session };
}

const runs = { numRuns: 600 };
const always = (check: (played: ReturnType<typeof play>) => void) =>
  fc.assert(
    fc.property(history, (of) => check(play(of))),
    runs,
  );

const allowed: Readonly<Record<SlaveState, readonly SlaveState[]>> = {
  requested: ["scheduled", "draining"],
  scheduled: ["online", "draining"],
  online: ["busy", "draining"],
  // Told anew where its pod is lost and another one follows, and when that has come.
  busy: ["busy", "online", "draining"],
  draining: ["busy", "deleted"],
  deleted: [],
};

describe("whatever happens, in any order, late and again", () => {
  test("a slave enters states only along the drawn lines: deleted is never left, busy never skips draining", () =>
    always(({ moments }) => {
      for (const { before, after } of moments) {
        expect(entryOf(after.life).state).toBe(after.state);
        const entered = stepsOf(after.life) - stepsOf(before.life);
        const path = [
          before.state,
          ...after.life.trail.slice(after.life.trail.length - entered).map(({ state }) => state),
        ];
        path.slice(1).forEach((state, index) => {
          expect(allowed[path[index] as SlaveState]).toContain(state);
        });
      }
    }));

  test("a pod is kept only where its template wants it and no build can run in it, and it outlives its slave only once it has ended", () =>
    always(({ moments }) => {
      for (const { before, after } of moments) {
        const isKept = isPodKept(after.life);
        if (isKept && !isPodKept(before.life)) {
          expect(after.life.limits.retain).toBeDefined();
          expect(isPodAlive(before.life) && mayHaveNode(before.life)).toBe(false);
        }
        if (isKept) expect(after.intents.some(({ type }) => type === "deletePod" || type === "retainPod")).toBe(false);
        if (isKept && after.state === "deleted") expect(isPodAlive(after.life)).toBe(false);
      }
    }));

  test("the life stays what a record can hold", () =>
    always(({ last }) => {
      expect(slaveLifeSchema.parse(JSON.parse(JSON.stringify(last.life)))).toEqual(last.life);
    }));

  test("the outcome is there exactly while it leaves or is gone; final once deleted; served if and only if a build was known", () =>
    always(({ moments }) => {
      let otherwise: Outcome | undefined;
      for (const { before, event, after } of moments) {
        const isLeaving = after.state === "draining" || after.state === "deleted";
        expect(after.life.outcome !== null).toBe(isLeaving);
        if (before.state === "deleted") expect(after.life.outcome).toBe(before.life.outcome);
        if (!isLeaving) continue;
        if (before.state !== "draining" && before.state !== "deleted") otherwise = classOf(event);
        const { ran, current, awaited } = after.life.builds;
        const ranAny = ran > 0 || current !== null || awaited.length > 0;
        expect(after.life.outcome).toBe(ranAny ? "served" : otherwise);
      }
    }));

  test("a pod is created only while requested, and deleted only while draining; or where it was lost under a build", () =>
    always(({ moments }) => {
      for (const { after } of moments) {
        const asked = new Set(after.intents.map(({ type }) => type));
        const isLost = after.state === "busy" && after.life.lost !== null;
        expect(asked.has("createPod") && after.state !== "requested" && !isLost).toBe(false);
        expect(asked.has("deletePod") && after.state !== "draining" && !(isLost && !isPodAlive(after.life))).toBe(
          false,
        );
      }
    }));

  test("at most one pod of a slave is there, and no more than may follow: the next one is asked for once the one before is gone, by a record that names it", () =>
    always(({ moments }) => {
      for (const { before, event, after } of moments) {
        const { attempt, limits: own } = after.life;
        expect(attempt).toBeLessThanOrEqual(1 + (own.relaunch ?? 0));
        if (attempt !== before.life.attempt) {
          expect([event.type, attempt - before.life.attempt]).toEqual(["pod.gone", 1]);
          expect(before.life.builds.current !== null || before.life.builds.awaited.length > 0).toBe(true);
        }
        if (!after.intents.some(({ type }) => type === "createPod")) continue;
        // Known to be there, or to have been: neither may be created again.
        expect([after.life.pod.uid, after.life.pod.endedAt, after.life.pod.goneAt]).toEqual([null, null, null]);
      }
    }));

  test("the node of a slave stays while another pod is to follow", () =>
    always(({ moments }) => {
      for (const { after } of moments) {
        if (after.state !== "busy" || after.life.lost === null) continue;
        expect(after.life.node.removedAt).toBeNull();
        expect(after.intents.some(({ type }) => type === "removeNode")).toBe(false);
      }
    }));

  test("a slave that is held keeps its pod, its node and its Secret until its time is over, a person ends it, or its master is given up", () =>
    always(({ moments }) => {
      for (const { before, event, after } of moments) {
        if (isHeld(after.life))
          for (const gone of ["deletePod", "retainPod", "removeNode", "confirmSecretGone"] as const)
            expect([gone, after.intents.some(({ type }) => type === gone)]).toEqual([gone, false]);
        if (before.life.held === null || after.life.held !== null) continue;
        const isTime = event.type === "deadline.passed" && event.clock === "hold" && event.at >= before.life.held.until;
        const isPersons = event.type === "hold.released" || event.type === "master.forgotten";
        expect([event.type, isTime || isPersons]).toEqual([event.type, true]);
      }
    }));

  test("a slave that is held is marked, and put back online only for a build that a restart or the loss of its pod interrupted there", () =>
    always(({ moments }) => {
      for (const { after } of moments) {
        const { state, life, intents } = after;
        if (!isHeld(life) || !after.changed) continue;
        expect([["busy", "draining"].includes(state), isLastBuild(life)]).toEqual([true, true]);
        const asked = new Set(intents.map(({ type }) => type));
        const isAwaited = state === "busy" && (life.builds.awaited.length > 0 || life.lost !== null);
        expect(asked.has("bringOnline") && !isAwaited).toBe(false);
        if (life.lost !== null) continue;
        const isThere = mayHaveNode(life) && !isToBeMadeAnew(life) && !isAwaiting(life);
        expect(isThere && life.markedAt === null && !asked.has("markOffline")).toBe(false);
      }
    }));

  test("no node is removed on what was marked or seen there before a hold was over", () =>
    always(({ moments }) => {
      let told: Set<string> | undefined;
      for (const { before, event, after } of moments) {
        if (before.life.held !== null && after.life.held === null) told = new Set();
        told?.add(event.type);
        if (told === undefined || !after.intents.some(({ type }) => type === "removeNode")) continue;
        expect([told.has("offline.marked"), told.has("looked")]).toEqual([true, true]);
      }
    }));

  test("a living pod whose node may be there is deleted only when it was given up or seen idle long ago", () =>
    always(({ moments }) => {
      for (const { after } of moments) {
        if (!after.intents.some(({ type }) => type === "deletePod")) continue;
        expect(!isPodAlive(after.life) || !mayHaveNode(after.life) || after.life.podMayGoFirst).toBe(true);
      }
    }));

  test("no node is removed unless looks begun after its mark, and after its last build ended, showed it idle (I11, H22)", () =>
    always(({ moments }) => {
      let idle: number[] = [];
      for (const { before, event, after } of moments) {
        // What was seen before a build, or before one was said to be over, proves nothing.
        if (after.state === "busy" || after.life.builds !== before.life.builds) idle = [];
        if (event.type === "looked" && before.state === "draining") {
          if (event.build === null) idle.push(event.beganAt);
          else if (event.beganAt >= since(before.life)) idle = [];
        }
        if (!after.intents.some(({ type }) => type === "removeNode") || !isPodAlive(after.life)) continue;
        expect(after.life.markedAt).not.toBeNull();
        const timely = idle.filter((beganAt) => beganAt >= since(after.life)).sort((a, b) => a - b);
        expect(timely.length).toBeGreaterThan(0);
        if (looksNeeded(after.life) === 2)
          expect((timely.at(-1) ?? 0) - (timely[0] ?? 0)).toBeGreaterThanOrEqual(lookSpacingMs);
      }
    }));

  test("after a restart of its master that may have hidden a build no node is removed before a later queue names none", () =>
    always(({ moments }) => {
      let hiddenSince: number | undefined;
      for (const { before, event, after } of moments) {
        const { session: known, markedAt, builds } = before.life;
        const isRestart = known !== null && known !== after.life.session;
        const isKept = markedAt !== null && builds.current !== null && hiddenSince === undefined;
        if (isRestart && !isKept) hiddenSince = event.at;
        if (event.type === "none.awaited" && event.session === known && event.readAt >= (hiddenSince ?? 0) + minuteMs)
          hiddenSince = undefined;
        const isRemoved = after.intents.some(({ type }) => type === "removeNode") && isPodAlive(after.life);
        expect(isRemoved && hiddenSince !== undefined).toBe(false);
      }
    }));

  test("a build that is awaited ends its slave only by being over, by its clock, or with its pod or master (H25)", () =>
    always(({ moments }) => {
      for (const { before, event, after } of moments) {
        if (before.state !== "busy" || before.life.builds.awaited.length === 0 || after.state === "busy") continue;
        const isOver = event.type === "build.finished" && after.life.builds.awaited.length === 0;
        const isNextOnes = before.life.lost !== null && event.type.endsWith(".refused");
        const isPodsEnd = ["pod.ended", "pod.gone", "master.forgotten"].includes(event.type) || isNextOnes;
        expect([event.type, isOver || isPodsEnd || event.type === "deadline.passed"]).toEqual([event.type, true]);
      }
    }));

  test("an event that changes nothing leaves the very same life, and saying an event twice at once is saying it once", () =>
    always(({ moments }) => {
      for (const { before, event, after } of moments) {
        if (!after.changed) expect(after.life).toBe(before.life);
        // A pull that begins anew is news each time.
        if (event.type === "pod.progressed" && event.anew) continue;
        expect(step(after.state, after.life, event).life).toEqual(after.life);
      }
    }));

  test("asked to drain, and with everything asked for done, it is deleted and fully announced", () =>
    always(({ last }) => {
      let now = bornAt + 21 * hourMs;
      // Whoever asks for it ends a hold.
      const free = step(last.state, last.life, { type: "hold.released", at: now, reason: "enough" });
      let slave = step(free.state, free.life, {
        type: "drain.requested",
        at: now,
        reason: "enough",
        outcome: "withdrawn",
      });
      for (let turn = 0; turn < 32; turn += 1) {
        now += 1000;
        const { current } = slave.life.builds;
        const event: SlaveEvent | undefined =
          slave.state === "busy" && current !== null && slave.intents.every(({ type }) => type === "announce")
            ? { type: "build.finished", at: now, url: current.url }
            : answerTo(slave, now);
        if (event === undefined) break;
        slave = step(slave.state, slave.life, event);
      }
      expect([slave.state, slave.intents]).toEqual(["deleted", []]);
      expect(slave.life.announced).toBe(stepsOf(slave.life));
    }));
});

function since(life: SlaveLife): number {
  return Math.max(life.markedAt ?? Number.POSITIVE_INFINITY, life.builds.finishedAt ?? 0);
}

function classOf(event: SlaveEvent): Outcome {
  if (event.type === "drain.requested") return event.outcome;
  if (["node.dropped", "master.forgotten", "hold.requested"].includes(event.type)) return "withdrawn";
  if (event.type === "deadline.passed") return event.clock === "idle" || event.clock === "age" ? "withdrawn" : "failed";
  return event.type === "build.finished" ? "served" : "failed";
}
