import type { Computer, DemandSource, QueueItem, SlaveState } from "@kubestack/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { yielding } from "../caps/yielding.ts";
import type { LaunchEnd } from "../launch-history.ts";
import { decideLaunches, type LaunchSituation, planOf } from "../launching.ts";
import type { Slave } from "../roster.ts";
import { recordIn, template } from "../slave-record.fixture.ts";
import { allowedOf, decideWarm, launchedOf } from "./decide.ts";
import type { Refill } from "./refill.ts";
import { warmTargets } from "./targets.ts";
import { withWarm } from "./told.ts";

const now = Date.UTC(2026, 10, 30, 8);

function item(id: number, expression = "python"): QueueItem {
  const wants = { kind: "expression", expression } as const;
  const job = { job: `job-${id}`, url: `job/${id}/` };
  return { id: String(id), ...job, wants, labelOrigin: "why", waitingSince: 1000 + id, why: "" };
}

function slave(number: number, state: SlaveState, of = "python", more: object = {}): Slave {
  return {
    record: recordIn(state, { number, template: of, labels: [of], ...more }),
    revision: 1,
    turn: Promise.resolve(),
    wakeAt: undefined,
    shownOnline: state !== "requested" && state !== "scheduled",
    endedAtRound: state === "draining" || state === "deleted" ? { term: 0, round: 0 } : undefined,
  };
}

const shown = ({ record: { name, state, labels } }: Slave): Computer[] =>
  state === "requested" || state === "scheduled"
    ? []
    : [
        {
          ...{ name, online: true, markedOffline: state === "draining", idle: state === "online", executors: 1 },
          ...{ labels: [...labels, name], builds: [] },
        },
      ];

interface Given {
  readonly waiting?: readonly QueueItem[];
  readonly slaves?: readonly Slave[];
  readonly before?: ReadonlyMap<string, Refill>;
  readonly source?: Partial<DemandSource>;
  readonly more?: Partial<LaunchSituation>;
}

function decide({ waiting = [], slaves = [], before = new Map(), source = {}, more = {} }: Given) {
  const templates = [template({ warm: [{ minIdle: 2 }] })];
  const situation: LaunchSituation = {
    master: "m",
    sources: [
      {
        ...{ name: "jenkins-queue", term: 3, round: 14, readAt: 0, queueReadAt: 1, state: "ok", session: null },
        ...{ quietingDown: false, items: [...waiting], computers: slaves.flatMap(shown), ...source },
      },
    ],
    sourceNames: ["jenkins-queue"],
    slaves,
    templates,
    maxSlaves: 100,
    allowance: { launches: 100, reason: "the brake" },
    failuresOf: () => [],
    now,
    warm: warmTargets(more.templates ?? templates, slaves, more.now ?? now),
    ...more,
  };
  const decided = decideLaunches(situation);
  const warm = decideWarm(decided, situation, before);
  const numbers = (names: Iterable<string>) => {
    const all = new Set(names);
    return slaves.flatMap(({ record }) => (all.has(record.name) ? [record.number] : []));
  };
  return {
    situation,
    decided,
    warm,
    items: decided.flatMap(({ decision }) => decision.launches).length,
    launched: warm?.launches.map((one) => one.template),
    kept: numbers(warm?.kept ?? []),
    yielding: numbers(
      yielding(
        [...decided.flatMap(({ decision }) => decision.surplus), ...(warm?.kept ?? [])].map((name) => ({
          name,
          template: slaves.find(({ record }) => record.name === name)?.record.template ?? "",
        })),
        { decided, situation, elsewhere: 0 },
      ).keys(),
    ),
  };
}

describe("so many slaves stay idle", () => {
  test("what is missing is launched, beside what the items get", () => {
    const { items, launched } = decide({ waiting: [item(1), item(2), item(3)], slaves: [slave(1, "online")] });
    expect([items, launched]).toEqual([2, ["python", "python"]]);
  });

  test("those on their way count, those that items take do not", () => {
    const slaves = [slave(1, "online"), slave(2, "scheduled"), slave(3, "requested"), slave(4, "busy")];
    expect(decide({ slaves }).launched).toEqual([]);
    expect(decide({ slaves, waiting: [item(1), item(2)] })).toMatchObject({ items: 0, launched: ["python"] });
  });

  test("the most advanced and oldest stay, so many and no more", () => {
    const slaves = [slave(1, "requested"), slave(2, "online"), slave(3, "online"), slave(4, "online")];
    expect(decide({ slaves }).kept).toEqual([2, 3]);
    expect(decide({ slaves, waiting: [item(1)] }).kept).toEqual([3, 4]);
  });

  test("one of another size, of labels that were edited since, or of another template does not count", () => {
    const slaves = [
      slave(1, "online", "python", { size: { cpu: "4" }, labels: ["python", "cpu=4"] }),
      slave(2, "online", "python", { labels: ["python2"] }),
      slave(3, "online", "java"),
    ];
    expect(decide({ slaves })).toMatchObject({ launched: ["python", "python"], kept: [] });
  });

  test("one that leaves counts until a younger round has shown that it does, and does not stay", () => {
    const leaving = slave(1, "draining");
    const unmarked = { computers: [...shown(slave(1, "online")), ...shown(slave(2, "online"))] };
    expect(decide({ slaves: [leaving, slave(2, "online")], source: unmarked })).toMatchObject({
      launched: [],
      kept: [2],
    });
    expect(decide({ slaves: [leaving, slave(2, "online")] })).toMatchObject({ launched: ["python"], kept: [2] });
  });

  test("one that was taken has its place filled after the delay of the rule", () => {
    const more = { templates: [template({ warm: [{ minIdle: 2, refillDelay: "30s" }] })] };
    const slaves = [slave(1, "online"), slave(2, "busy")];
    const full = new Map([["python", { floor: 2, since: undefined }]]);
    const first = decide({ slaves, more, before: full });
    expect([first.launched, first.warm?.refills.get("python")]).toEqual([[], { floor: 2, since: now }]);
    const later = { ...more, now: now + 30_000 };
    expect(decide({ slaves, more: later, before: first.warm?.refills ?? full }).launched).toEqual(["python"]);
  });

  test("one that is taken at once, before the launched ones were ever seen idle, waits for that delay, too", () => {
    const more = { templates: [template({ warm: [{ minIdle: 2, refillDelay: "3m" }] })] };
    const first = decide({ more });
    expect(first.launched).toEqual(["python", "python"]);
    const before = first.warm && launchedOf(first.warm).refills;
    const slaves = [slave(1, "busy"), slave(2, "online")];
    expect(decide({ slaves, more: { ...more, now: now + 2000 }, ...(before && { before }) }).launched).toEqual([]);
    // Launches that caps refused are missing still, and made as soon as they may be.
    const refused = first.warm && launchedOf(allowedOf(first.warm, first.warm.launches.slice(0, 1))).refills;
    expect(
      decide({ slaves, more: { ...more, now: now + 2000 }, ...(refused && { before: refused }) }).launched,
    ).toEqual(["python"]);
  });

  test("a part of the busy ones counts those of the template, of whatever size", () => {
    const more = { templates: [template({ warm: [{ share: 0.5 }] })] };
    const slaves = [
      slave(1, "busy"),
      slave(2, "busy", "python", { size: { cpu: "4" } }),
      slave(3, "busy"),
      slave(4, "busy", "java"),
    ];
    expect(decide({ slaves, more }).launched).toEqual(["python", "python"]);
  });

  test("nothing of a template that others only stand on", () => {
    const more = { templates: [template({ name: "base", labels: [], warm: [{ minIdle: 2 }] })] };
    expect(decide({ more }).launched).toEqual([]);
    const unlabelled = [template({ labels: [], unlabelled: true, warm: [{ minIdle: 1 }] })];
    expect(decide({ more: { templates: unlabelled } }).launched).toEqual(["python"]);
  });

  test("nothing where no source shows computers", () => {
    for (const supply of ["items", "counts"] as const) expect(decide({ source: { supply } }).warm).toBeUndefined();
    expect(decide({ source: { computers: undefined } as Partial<DemandSource> }).warm).toBeUndefined();
  });

  test("nothing while the template is held, the master is paused or the brake holds; each is told", () => {
    const failures: LaunchEnd[] = [{ at: now - 1000, bornAt: now - 2000, reason: "ErrImagePull" }];
    const codes = (more: Partial<LaunchSituation>) => {
      const { launched, warm } = decide({ more });
      return [launched, warm?.short.map(({ count, code }) => [count, code])];
    };
    expect(codes({ failuresOf: () => failures })).toEqual([[], [[2, "held"]]]);
    expect(codes({ paused: "m is paused" })).toEqual([[], [[2, "paused"]]]);
    expect(codes({ allowance: { launches: 1, reason: "the brake" } })).toEqual([["python"], [[1, "brake"]]]);
    expect(codes({ maxSlaves: 1 })).toEqual([["python"], [[1, "cap"]]]);
    // After a hold one slave is tried, whoever it is for.
    expect(codes({ failuresOf: () => failures, now: now + 60_000 })).toEqual([["python"], [[1, "cap"]]]);
  });
});

describe("an item waits for a place that an idle slave holds (H34)", () => {
  const idle = [1, 2, 3, 4, 5].map((number) => slave(number, "online"));
  const templates = [template({ warm: [{ minIdle: 5 }] }), template({ name: "java", labels: ["java"] })];

  test("the youngest goes at once, one for each item", () => {
    const more = { templates, maxSlaves: 5 };
    expect(decide({ slaves: idle, waiting: [item(1, "java")], more })).toMatchObject({ items: 0, yielding: [5] });
    const two = [item(1, "java"), item(2, "java")];
    expect(decide({ slaves: idle, waiting: two, more }).yielding).toEqual([4, 5]);
  });

  test("none goes for an item that another slave makes room for anyhow; one that nobody needs goes before", () => {
    const more = { templates, maxSlaves: 5 };
    const leaving = [...idle.slice(0, 4), slave(5, "draining")];
    expect(decide({ slaves: leaving, waiting: [item(1, "java")], more }).yielding).toEqual([]);
    const fewer = [template({ warm: [{ minIdle: 4 }] }), template({ name: "java", labels: ["java"] })];
    const one = decide({ slaves: idle, waiting: [item(1, "java")], more: { ...more, templates: fewer } });
    expect([one.kept, one.yielding]).toEqual([[1, 2, 3, 4], [5]]);
  });

  test("none goes that does not hold that very place", () => {
    const own = [template({ warm: [{ minIdle: 5 }] }), template({ name: "java", labels: ["java"], maxSlaves: 0 })];
    expect(decide({ slaves: idle, waiting: [item(1, "java")], more: { templates: own } }).yielding).toEqual([]);
    const shared = { group: "team", maxSlaves: 5 };
    const both = templates.map((one) => ({ ...one, shared }));
    expect(decide({ slaves: idle, waiting: [item(1, "java")], more: { templates: both } }).yielding).toEqual([5]);
  });

  test("none goes for what else keeps an item waiting", () => {
    const braked = { templates, allowance: { launches: 0, reason: "the brake" } };
    expect(decide({ slaves: idle, waiting: [item(1, "java")], more: braked }).yielding).toEqual([]);
  });
});

test("the plan tells what is launched to be idle, how many are to be, and why some are missing", () => {
  const more = { templates: [template({ maxSlaves: 1, warm: [{ minIdle: 2 }] })] };
  const { situation, decided, warm } = decide({ more });
  if (warm === undefined) throw new Error("nothing was decided");
  const plan = withWarm(planOf(decided, { ...situation, round: null }), warm, situation);
  expect(plan.launches).toEqual([
    expect.objectContaining({ template: "python", count: 1, reason: "to keep 2 idle (warm)", items: [], isWarm: true }),
  ]);
  expect(plan.templates?.[0]?.warm).toEqual({
    idle: 2,
    because: "warm",
    short: "template python is at its cap: 0/1 slaves",
  });
});

describe("whatever is there: decided again with what was launched nothing is launched, and no cap is passed", () => {
  const states = fc.constantFrom<SlaveState>("requested", "scheduled", "online", "busy", "draining", "deleted");
  const given = (wishes: readonly string[], caps: fc.Arbitrary<number>) =>
    fc.record({
      slaves: fc.array(fc.tuple(states, fc.constantFrom("python", "java")), { maxLength: 8 }),
      waiting: fc.array(fc.constantFrom(...wishes), { maxLength: 6 }),
      idle: fc.tuple(fc.nat(4), fc.nat(4)),
      maxSlaves: caps,
      own: caps,
    });

  // An item that waits for a cap may be served by a slave that was to be idle, if only another item can be moved to that one: then
  // one more is launched to be idle.
  test.each([
    ["labels that do not overlap, under any cap", given(["python", "java"], fc.nat(14))],
    ["labels that overlap, where there is room", given(["python", "java", "python || java"], fc.constant(100))],
  ])("%s", (_, situations) => {
    fc.assert(
      fc.property(situations, ({ slaves: list, waiting: asked, idle: [python, java], maxSlaves, own }) => {
        const slaves = list.map(([state, of], at) => slave(at + 1, state, of));
        const waiting = asked.map((wants, at) => item(at + 1, wants));
        const templates = [
          template({ warm: [{ minIdle: python }], maxSlaves: own }),
          template({ name: "java", labels: ["java"], warm: [{ minIdle: java }] }),
        ];
        const more = { templates, maxSlaves };
        const first = decide({ slaves, waiting, more });
        const born = [...first.decided.flatMap(({ decision }) => decision.launches), ...(first.warm?.launches ?? [])];
        const all = [...slaves, ...born.map(({ template: of }, at) => slave(100 + at, "requested", of))];
        const alive = all.filter(({ record }) => record.state !== "deleted");
        if (born.length > 0) expect(alive.length).toBeLessThanOrEqual(maxSlaves);
        const source = { computers: slaves.flatMap(shown) };
        const again = decide({ slaves: all, waiting, before: first.warm?.refills ?? new Map(), source, more });
        expect([again.items, again.launched]).toEqual([0, []]);
        // Nobody is kept beyond what is to be.
        for (const [of, most] of [
          ["python", python],
          ["java", java],
        ] as const) {
          const kept = all.filter(({ record }) => again.warm?.kept.has(record.name) && record.template === of);
          expect(kept.length).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
