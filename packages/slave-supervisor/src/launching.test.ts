import type { Computer, DemandSource, QueueItem, SlaveState } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { standingOf } from "./holds.ts";
import type { LaunchEnd } from "./launch-history.ts";
import { decideLaunches, type LaunchSituation, leftOver, planOf } from "./launching.ts";
import type { Slave } from "./roster.ts";
import { recordIn, template } from "./slave-record.fixture.ts";

const now = 2_000_000;

function item(id: number, expression: string | null = "python"): QueueItem {
  return {
    id: String(id),
    job: `job-${id}`,
    url: `job/${id}/`,
    wants: expression === null ? { kind: "any" } : { kind: "expression", expression },
    labelOrigin: "why",
    waitingSince: 1000 + id,
    why: "",
  };
}

const items = (count: number, expression?: string) =>
  Array.from({ length: count }, (_, at) => item(at + 1, expression));

function source(waiting: readonly QueueItem[], computers: readonly Computer[] = []): DemandSource {
  return {
    name: "jenkins-queue",
    term: 3,
    round: 14,
    readAt: 0,
    queueReadAt: 1,
    state: "ok",
    session: null,
    quietingDown: false,
    items: [...waiting],
    computers: [...computers],
  };
}

function slave(number: number, state: SlaveState, of = "python"): Slave {
  return {
    record: recordIn(state, { number, template: of, labels: [of] }),
    revision: 1,
    turn: Promise.resolve(),
    wakeAt: undefined,
    shownOnline: state !== "requested" && state !== "scheduled",
    endedAtRound: state === "draining" || state === "deleted" ? { term: 0, round: 0 } : undefined,
  };
}

function situation(changed: Partial<LaunchSituation> = {}): LaunchSituation {
  return {
    master: "m",
    sources: [source(items(5))],
    sourceNames: ["jenkins-queue", "external", "gearman"],
    slaves: [],
    templates: [template()],
    maxSlaves: 100,
    allowance: { launches: 100, reason: "the brake" },
    failuresOf: () => [],
    now,
    ...changed,
  };
}

/** How many of each template are launched, and why the others wait. */
function decided(of: LaunchSituation) {
  const decisions = decideLaunches(of).map(({ decision }) => decision);
  const launches = decisions.flatMap((decision) => decision.launches);
  const waiting = decisions.flatMap((decision) => decision.waiting);
  return {
    surplus: decisions.flatMap((decision) => decision.surplus),
    launches: launches.map(({ item: { id }, template: name }) => `${id}:${name}`),
    waiting: waiting.map(({ item: { id }, code, reason }) => `${id} ${code} ${reason}`),
  };
}

describe("what is launched", () => {
  test("is one slave for each item that nothing serves yet", () => {
    const slaves = [slave(1, "requested"), slave(2, "scheduled"), slave(3, "busy")];
    expect(decided(situation({ slaves })).launches).toEqual(["3:python", "4:python", "5:python"]);
  });

  test("is nothing beside a slave that was launched to take builds without a label, though its template is no more (H16)", () => {
    const templates = [template({ name: "any", labels: [], unlabelled: true })];
    const of = (unlabelled?: boolean) => {
      const idle = slave(1, "scheduled", "gone");
      return [{ ...idle, record: { ...idle.record, ...(unlabelled === undefined ? {} : { unlabelled }) } }];
    };
    const sources = [source([item(1, null)])];
    expect(decided(situation({ sources, templates, slaves: of(true) })).launches).toEqual([]);
    expect(decided(situation({ sources, templates, slaves: of(false) })).launches).toEqual(["1:any"]);
    // An older record does not say it: its template does, if it is there.
    expect(decided(situation({ sources, templates, slaves: of() })).launches).toEqual(["1:any"]);
  });

  test("keeps to the template's cap; the slaves that drain hold their places", () => {
    const slaves = [slave(1, "busy"), slave(2, "draining"), slave(3, "deleted")];
    const { launches, waiting } = decided(situation({ slaves, templates: [template({ maxSlaves: 3 })] }));
    expect(launches).toEqual(["1:python"]);
    expect(waiting[0]).toContain("2 cap ");
    expect(waiting[0]).toContain("2/3 slaves");
  });

  test("keeps to the master's cap over all its templates, the one with the fewest slaves first", () => {
    const templates = [template(), template({ name: "go", labels: ["go"] })];
    const waiting = [item(1, "python"), item(2, "go"), item(3, "go")];
    const told = decided(
      situation({ sources: [source(waiting)], slaves: [slave(1, "busy")], templates, maxSlaves: 3 }),
    );
    expect(told.launches).toEqual(["2:go", "1:python"]);
    expect(told.waiting).toEqual([expect.stringMatching(/^3 cap .*1\/3 slaves of master m/)]);
  });

  test("is nothing where more slaves live than the caps allow by now", () => {
    const slaves = [slave(1, "busy"), slave(2, "busy")];
    expect(decided(situation({ slaves, maxSlaves: 1 })).launches).toEqual([]);
    expect(decided(situation({ slaves, templates: [template({ maxSlaves: 1 })] })).launches).toEqual([]);
  });

  test("keeps to the brake, and says so", () => {
    const told = decided(situation({ allowance: { launches: 2, reason: "this minute's 2 launches are used up" } }));
    expect(told.launches).toEqual(["1:python", "2:python"]);
    expect(told.waiting[0]).toBe("3 brake this minute's 2 launches are used up");
  });

  test("is nothing of a template that is held, and another one that can serve takes its place", () => {
    const failed: LaunchEnd = { at: now - 1000, bornAt: now - 2000, reason: "ErrImagePull" };
    const failuresOf = (name: string) => (name === "python" ? [failed] : []);
    const held = decided(situation({ failuresOf }));
    expect(held.launches).toEqual([]);
    expect(held.waiting[0]).toContain("1 held template python is held: a launch failed, next try in 29 s");
    const templates = [template(), template({ name: "other", labels: ["python"] })];
    expect(decided(situation({ failuresOf, templates })).launches).toHaveLength(5);
  });

  test("is one slave of a template whose hold is over, until it came online", () => {
    const failed: LaunchEnd = { at: now - 31_000, bornAt: now - 32_000, reason: "ErrImagePull" };
    const failuresOf = () => [failed];
    expect(decided(situation({ failuresOf })).launches).toEqual(["1:python"]);
    const tried = decided(situation({ failuresOf, slaves: [slave(1, "scheduled")] }));
    expect(tried.launches).toEqual([]);
    expect(tried.waiting.at(-1)).toContain("after its failures one slave is tried first");
  });

  test("is nothing while the namespace or the master is held, whatever the template; what is under way counts", () => {
    const failed: LaunchEnd = { at: now - 1000, bornAt: now - 2000, reason: "exceeded quota: q" };
    const troubled = (what: "namespace" | "master", ends: LaunchEnd[] = [failed]) => [
      { what, name: what === "master" ? "m" : "ci", failures: ends.length, standing: standingOf(ends, now) },
    ];
    const templates = [template(), template({ name: "other", labels: ["python"] })];
    const slaves = [slave(1, "scheduled")];
    const held = decided(situation({ templates, slaves, troubled: troubled("namespace") }));
    expect(held.launches).toEqual([]);
    expect(held.waiting).toEqual([
      expect.stringMatching(/^1 slave-coming /),
      ...["2", "3", "4", "5"].map((id) =>
        expect.stringContaining(
          `${id} held namespace ci is held: a launch failed, next try in 29 s; the last: exceeded`,
        ),
      ),
    ]);
    expect(decided(situation({ troubled: troubled("master") })).waiting[0]).toContain("1 held master m is held: ");
    // Then one of each template is tried in the namespace, and one in all at the master.
    const waiting = [item(1), item(2, "go"), item(3), item(4, "go")];
    const trial = { templates: [template(), template({ name: "go", labels: ["go"] })], sources: [source(waiting)] };
    const before = [{ ...failed, at: now - 31_000 }];
    expect(decided(situation({ ...trial, troubled: troubled("namespace", before) })).launches).toEqual([
      "1:python",
      "2:go",
    ]);
    const one = decided(situation({ ...trial, troubled: troubled("master", before) }));
    expect(one.launches).toEqual(["1:python"]);
    expect(one.waiting[0]).toContain("after it refused nodes one slave is tried first");
    expect(
      decided(situation({ ...trial, slaves: [slave(1, "requested", "ruby")], troubled: troubled("master", before) }))
        .launches,
    ).toEqual([]);
    const plan = planOf(decideLaunches(situation({ troubled: troubled("namespace") })), {
      ...situation({ troubled: troubled("namespace") }),
      round: null,
    });
    const because = "a launch failed; the last: exceeded quota: q";
    expect(plan.holds).toEqual([{ what: "namespace", name: "ci", until: now + 29_000, because, failures: 1 }]);
    expect(plan.templates?.[0]?.held).toEqual({ until: now + 29_000, because: `namespace ci is held: ${because}` });
  });

  test("is a size only where it is not held, and one of it where it failed; the template goes on", () => {
    const failed: LaunchEnd = { at: now - 31_000, bornAt: now - 32_000, reason: "no node is large enough" };
    const failuresOf = (kind: string) => {
      if (kind === "python with cpu=8") return [{ ...failed, at: now - 1000 }];
      return kind === "python with cpu=4" ? [failed] : [];
    };
    const waiting = ["python && cpu=8", "python && cpu=4", "cpu=4 && python", "python"].map((text, at) =>
      item(at + 1, text),
    );
    const templates = [template({ overrides: { cpu: { max: 8 } } })];
    const of = situation({ failuresOf, templates, sources: [source(waiting)] });
    expect(decided(of)).toMatchObject({
      launches: ["2:python", "4:python"],
      waiting: [
        expect.stringContaining("1 held template python with cpu=8 is held: a launch failed"),
        "3 cap template python is at its cap: after its failures one slave is tried first",
      ],
    });
    const plan = planOf(decideLaunches(of), { ...of, round: null });
    expect(plan.launches.map(({ template: name, shape, items: ids }) => [name, shape.cpu, ids])).toEqual([
      ["python", "4", ["2"]],
      ["python", "500m", ["4"]],
    ]);
    expect(plan.templates).toMatchObject([{ overrides: { cpu: { min: "10m", max: "8" } } }]);
    const sized = { labels: ["python", "cpu=4"], size: { cpu: "4" } };
    const under = { ...slave(1, "scheduled"), record: recordIn("scheduled", sized) };
    expect(decided({ ...of, slaves: [under] }).launches).toEqual(["4:python"]);
  });

  test("is for unlabelled builds only of a template that takes them", () => {
    const waiting = [item(1, null)];
    expect(decided(situation({ sources: [source(waiting)] })).launches).toEqual([]);
    const templates = [template(), template({ name: "any", labels: [], unlabelled: true })];
    expect(decided(situation({ sources: [source(waiting)], templates })).launches).toEqual(["1:any"]);
  });
});

describe("of several sources", () => {
  /** A source of its own system, which shows no computers. */
  function own(name: string, supply: "items" | "counts", waiting: QueueItem[]): DemandSource {
    const { computers: _computers, ...rest } = source(waiting);
    return { ...rest, name, supply };
  }
  const launchedFor = (one: Slave, from: string, id: string): Slave => ({
    ...one,
    record: { ...one.record, item: { id, job: "", url: "", seenAt: now, source: from } },
  });

  test("each gets slaves for what waits there, and they share the caps", () => {
    const sources = [source(items(2)), own("external", "items", [item(8), item(9)])];
    expect(decided(situation({ sources })).launches).toEqual(["1:python", "2:python", "8:python", "9:python"]);
    expect(decided(situation({ sources, maxSlaves: 3 })).launches).toEqual(["1:python", "2:python", "8:python"]);
    expect(decided(situation({ sources, templates: [template({ maxSlaves: 3 })] })).launches).toHaveLength(3);
    expect(decided(situation({ sources, allowance: { launches: 3, reason: "" } })).launches).toHaveLength(3);
  });

  test("a slave serves the source that it was launched for, and no other", () => {
    const slaves = [slave(1, "requested"), launchedFor(slave(2, "requested"), "external", "8")];
    const sources = [source(items(2)), own("external", "items", [item(8), item(9)])];
    expect(decided(situation({ sources, slaves }))).toMatchObject({ launches: ["2:python", "9:python"], surplus: [] });
  });

  test("a slave of a source that says nothing now is left alone", () => {
    const slaves = [launchedFor(slave(2, "scheduled"), "external", "8")];
    expect(decided(situation({ sources: [source([])], slaves })).surplus).toEqual([]);
  });

  test("a slave of a source that is there no more counts for the first one", () => {
    const slaves = [launchedFor(slave(2, "scheduled"), "gone", "8")];
    expect(decided(situation({ sources: [source([])], slaves })).surplus).toEqual([slaves[0]?.record.name]);
  });

  test("an item is paid once until its slave has ended, whatever that does meanwhile", () => {
    const sources = [own("external", "items", [item(8)])];
    for (const state of ["requested", "scheduled", "online", "busy"] as const)
      expect(decided(situation({ sources, slaves: [launchedFor(slave(1, state), "external", "8")] }))).toMatchObject({
        launches: [],
        waiting: [expect.stringMatching(`^8 slave-coming ks-m-\\S+ was launched for it and is ${state}$`)],
      });
    const ended = launchedFor(slave(1, "draining"), "external", "8");
    expect(decided(situation({ sources, slaves: [ended] })).launches).toEqual(["8:python"]);
    const justNow = { ...ended, endedAtRound: { term: 3, round: 15 } };
    expect(decided(situation({ sources, slaves: [justNow] })).launches).toEqual([]);
  });

  test("a slave whose item is gone is left over", () => {
    const slaves = [launchedFor(slave(1, "scheduled"), "external", "7")];
    expect(decided(situation({ sources: [own("external", "items", [])], slaves })).surplus).toHaveLength(1);
  });

  test.each([
    [undefined, 1],
    [{ items: 0, faults: "items[0].url = 7 must be a text" }, 1],
    [{ items: 1, faults: "items[3].id = 7 must be a text" }, 0],
  ])("where %j could not be read, %i whose item is not shown is left over", (unread, count) => {
    const slaves = [launchedFor(slave(1, "scheduled"), "external", "7"), slave(2, "scheduled")];
    const partly = { ...own("external", "items", [item(8)]), ...(unread && { unread }) };
    const whole = decideLaunches(situation({ sources: [partly], slaves }));
    // What is shown is wanted all the same.
    expect(whole[0]?.decision.launches.map((one) => one.item.id)).toEqual(["8"]);
    expect(leftOver(whole)).toHaveLength(count);
    // Another source of the master tells as much as ever.
    expect(leftOver(decideLaunches(situation({ sources: [source([]), partly], slaves })))).toHaveLength(count + 1);
  });

  test("an item whose label can't be read any more keeps its slave", () => {
    const slaves = [launchedFor(slave(1, "scheduled"), "external", "8")];
    const unknown = { ...item(8), wants: { kind: "unknown" as const, because: "items[0].label = 7" } };
    const sources = [own("external", "items", [unknown, { ...unknown, id: "9" }])];
    expect(decided(situation({ sources, slaves }))).toMatchObject({ launches: [], surplus: [] });
  });

  describe("where what runs is counted, too", () => {
    const running = (one: QueueItem): QueueItem => ({ ...one, isRunning: true });
    const counted = (waiting: number, atWork: number) => [
      own("gearman", "counts", [
        ...items(waiting),
        ...items(waiting + atWork)
          .slice(waiting)
          .map(running),
      ]),
    ];
    const ours = (...states: SlaveState[]) =>
      states.map((state, at) => launchedFor(slave(at + 1, state), "gearman", "x"));

    test.each<[string, number, number, SlaveState[], number, number]>([
      ["builds that run on agents of others launch nothing", 0, 5, [], 0, 0],
      ["only what waits does", 2, 5, [], 2, 0],
      ["a slave that is here is set against what runs", 1, 1, ["online"], 1, 0],
      ["one more than runs is for what waits", 1, 1, ["online", "online"], 0, 0],
      ["one that works elsewhere is set against nothing else", 2, 1, ["busy"], 2, 0],
      ["one on its way can't be what runs a build: it is for what waits", 1, 3, ["requested"], 0, 0],
      ["each slave pays for one", 3, 2, ["requested", "online", "busy"], 2, 0],
      ["what nobody needs is left over", 0, 1, ["online", "scheduled"], 0, 1],
    ])("%s", (_, waiting, atWork, states, launches, surplus) => {
      const decision = decided(situation({ sources: counted(waiting, atWork), slaves: ours(...states) }));
      expect(decision.launches).toHaveLength(launches);
      expect(decision.surplus).toHaveLength(surplus);
      // Each has a launch or a reason.
      expect(decision.waiting.length + launches).toBe(waiting + atWork);
    });

    test("decided again with what was launched, nothing more is", () => {
      const sources = counted(3, 2);
      const slaves = ours("requested", "requested", "requested");
      expect(decided(situation({ sources, slaves })).launches).toEqual([]);
    });
  });
});

describe("the plan", () => {
  const round = { source: "jenkins-queue", term: 3, round: 14 };

  test("says what is launched, of which shape, and why the others wait", () => {
    const of = situation({ templates: [template({ maxSlaves: 2, cpu: "2", memory: "4Gi" })] });
    const plan = planOf(decideLaunches(of), { ...of, round });
    expect(plan).toMatchObject({
      master: "m",
      at: now,
      round: { source: "jenkins-queue", term: 3, round: 14 },
      launches: [
        {
          template: "python",
          count: 2,
          shape: { cpu: "2", memory: "4Gi" },
          reason: "for job-1, queue item 1",
          items: ["1", "2"],
        },
      ],
      templates: [{ name: "python", labels: ["python"], unlabelled: false, maxSlaves: 2, held: null }],
      holds: [],
      more: 0,
    });
    expect(plan.waiting.map(({ item: id, code }) => [id, code])).toEqual([
      ["3", "cap"],
      ["4", "cap"],
      ["5", "cap"],
    ]);
  });

  test("says until when a template is held, the same at every round of the hold", () => {
    const failed: LaunchEnd = { at: now - 1000, bornAt: now - 2000, reason: "ErrImagePull" };
    const told = [now, now + 5000].map((at) => {
      const of = situation({ failuresOf: () => [failed], sources: [source([])], now: at });
      const { at: _at, ...news } = planOf(decideLaunches(of), { ...of, round });
      return news;
    });
    const held = { until: now + 29_000, because: "a launch failed; the last: ErrImagePull" };
    expect(told[0]).toMatchObject({ templates: [{ name: "python", held }] });
    expect(told[1]).toEqual(told[0]);
  });

  test("lists at most 2000 items, and says how many more there are", () => {
    const of = situation({ sources: [source(items(2005))], maxSlaves: 0 });
    const plan = planOf(decideLaunches(of), { ...of, round });
    expect([plan.waiting.length, plan.more]).toEqual([2000, 5]);
  });
});
