import { beforeEach, describe, expect, test } from "vitest";
import { holdsOf, standingsOf } from "./failures/standings.ts";
import { standingOf } from "./holds.ts";
import { LaunchHistory } from "./launch-history.ts";
import { bornAt, minuteMs, recordAfter, type Told, ways } from "./slave-record.fixture.ts";

const refused = (at: number, reason = "image"): Told[] => [{ type: "pod.refused", reason, at }];
const withdrawn: Told[] = [{ type: "drain.requested", reason: "not needed", outcome: "withdrawn" }];

let history: LaunchHistory;
let number = 0;
beforeEach(() => {
  history = new LaunchHistory();
  number = 0;
});

/** Notes a slave that was born at `born` and to which this happened. */
function note(events: readonly Told[], born = bornAt, template = "python"): void {
  number += 1;
  const record = recordAfter(events, { number, template });
  const [first, ...rest] = record.life.trail;
  history.note({
    ...record,
    life: { ...record.life, trail: first === undefined ? [] : [{ ...first, at: born }, ...rest] },
  });
}

/** A slave that failed `afterMs` after its birth. */
const fail = (born: number, afterMs: number, reason = "image") => note(refused(born + afterMs, reason), born);

test("what fails because of its size says nothing of the template, nor of another size", () => {
  const failed = (size: { cpu: string } | undefined, extra = {}) =>
    history.note(recordAfter(refused(bornAt + 1000), { number: 9, size, ...extra }));
  failed({ cpu: "64" });
  expect([...history.failing("template").keys()]).toEqual(["python with cpu=64"]);
  failed(undefined);
  expect([...history.failing("template").keys()]).toEqual(["python"]);
});

describe("a template's standing", () => {
  const standing = (now: number, template = "python") => standingOf(history.failuresOf(template), now);

  test("is free while nothing failed, whatever else became of its slaves", () => {
    note(ways.busy);
    note(ways.draining);
    note(withdrawn);
    expect(standing(bornAt)).toEqual({ onTrial: false });
  });

  test("is a hold of 30 s after a failure, and then a trial", () => {
    fail(bornAt, 1000, "ErrImagePull");
    const held = standing(bornAt + 1001);
    expect(held).toEqual({
      hold: "a launch failed, next try in 30 s; the last: the pod was refused: ErrImagePull",
      held: { until: bornAt + 31_000, because: "a launch failed; the last: the pod was refused: ErrImagePull" },
      onTrial: true,
    });
    expect(standing(bornAt + 30_999).hold).toContain("next try in 1 s");
    expect(standing(bornAt + 31_000)).toEqual({ onTrial: true });
  });

  test("doubles with each launch that was tried after a failure and failed too, up to half an hour", () => {
    let now = bornAt;
    const holds: number[] = [];
    for (let tries = 0; tries < 9; tries += 1) {
      fail(now, 1000);
      now += 1000;
      const seconds = Number(/in (\d+) s/.exec(standing(now).hold ?? "")?.[1]);
      holds.push(seconds);
      now += seconds * 1000;
    }
    expect(holds).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
    expect(standing(now - 1).hold).toContain("9 launches in a row failed");
  });

  test("counts slaves that were launched together as one try: twenty that fail at once are one mishap", () => {
    for (let slave = 0; slave < 20; slave += 1) fail(bornAt, 1000 + slave);
    expect(standing(bornAt + 1019).hold).toContain("next try in 30 s");
    expect(standing(bornAt + 31_019)).toEqual({ onTrial: true });
  });

  test("is free again as soon as an agent of it came online, whatever became of that slave", () => {
    fail(bornAt, 1000);
    note([...ways.online, { type: "pod.gone", reason: "gone" }], bornAt);
    expect(history.failuresOf("python")).toEqual([]);
    fail(bornAt + minuteMs, 1000);
    expect(history.failuresOf("python")).toHaveLength(1);
  });

  test("is each template's own", () => {
    note(refused(bornAt + 1000), bornAt, "go");
    expect([standing(bornAt + 1001).onTrial, standing(bornAt + 1001, "go").onTrial]).toEqual([false, true]);
  });

  test("is judged by the newest of very many failures", () => {
    for (let slave = 0; slave < 100; slave += 1) fail(bornAt + slave * 60_000, 1000);
    expect(standing(bornAt + 99 * 60_000 + 1001).hold).toBeDefined();
  });
});

describe("the last hour", () => {
  test("counts launches, and those that ran no build", () => {
    note(ways.scheduled);
    note(ways.busy);
    note(ways.draining);
    note(refused(bornAt + 1000));
    note(withdrawn);
    expect(history.lastHour(bornAt + 2000)).toEqual({ launched: 5, lost: 2 });
    expect(history.lastHour(bornAt + 61 * minuteMs)).toEqual({ launched: 0, lost: 0 });
  });

  test("leaves out those that were to be idle and left unused, and no others that were to be", () => {
    for (const [at, events] of [withdrawn, refused(bornAt + 1000), ways.draining, ways.online].entries())
      history.note(recordAfter(events, { number: at, isWarm: true }));
    expect(history.lastHour(bornAt + 2000)).toEqual({ launched: 3, lost: 1 });
  });

  test("a slave noted again is the same launch", () => {
    const record = recordAfter(ways.scheduled);
    history.note(record);
    history.note(recordAfter(ways.draining));
    expect(history.lastHour(bornAt + 2000)).toEqual({ launched: 1, lost: 0 });
  });

  test("is forgotten after it passed; what lives and what a hold looks at is not", () => {
    note(ways.busy);
    note(refused(bornAt + 59 * minuteMs));
    note(withdrawn);
    history.forgetOld(bornAt + 61 * minuteMs);
    expect(history.failuresOf("python")).toHaveLength(1);
    history.forgetOld(bornAt + 120 * minuteMs);
    expect(history.failuresOf("python")).toHaveLength(0);
  });
});

describe("a hold that a person lifted", () => {
  const lift = (at: number, name = "python") => ({ what: "template" as const, name, at });
  const standing = (now: number, kind = "python") => standingOf(history.failuresOf(kind), now);

  test("is over at once, of its sizes too, and one slave is tried", () => {
    for (const born of [0, 1, 2]) fail(bornAt + born * minuteMs, 1000);
    history.note(recordAfter(refused(bornAt + 1000), { number: 9, size: { cpu: "64" } }));
    const now = bornAt + 2 * minuteMs + 2000;
    expect([standing(now).hold === undefined, standing(now).onTrial]).toEqual([false, true]);
    history.lifted([lift(now)]);
    expect(standing(now)).toEqual({ onTrial: true });
    expect(standing(now, "python with cpu=64")).toEqual({ onTrial: true });
  });

  test("is none of another template, and of what failed after it", () => {
    fail(bornAt, 1000);
    history.lifted([lift(bornAt + 5000, "maven"), lift(bornAt + 999)]);
    expect(standing(bornAt + 2000).held).toBeDefined();
  });

  test("of a namespace is that of what failed there, and of no template", () => {
    const full: Told = { type: "pod.refused", reason: "exceeded quota", failure: "quota-full", at: bornAt + 1000 };
    history.note(recordAfter([full], { number: 9 }));
    fail(bornAt, 1000);
    const held = () => holdsOf(standingsOf((what) => history.failing(what), bornAt + 2000)).map(({ what }) => what);
    expect(held()).toEqual(["namespace", "template"]);
    history.lifted([{ what: "namespace", name: "ci", at: bornAt + 1500 }]);
    expect(held()).toEqual(["template"]);
  });

  test("begins anew with the shortest time where the trial fails, too", () => {
    for (const born of [0, 1, 2]) fail(bornAt + born * minuteMs, 1000);
    const now = bornAt + 3 * minuteMs;
    history.lifted([lift(now)]);
    fail(now, 1000, "still not there");
    expect(standing(now + 1000).held).toMatchObject({
      until: now + 31_000,
      because: "a launch failed; the last: the pod was refused: still not there",
    });
  });
});
