import { keys, type MasterStatus, type PoolStanding, type PoolsReply, type ServiceName } from "@kubestack/contracts";
import { type Observation, type ServiceAnswer, standingOf } from "@kubestack/explain";
import { demand, item, keptMaster, masterStatus, noon, plan, serviceStatus, slave } from "@kubestack/explain/testing";
import { describe, expect, test } from "vitest";
import { widthOf } from "../text/width.ts";
import { overviewOf } from "./overview.ts";
import { screen, troublesOf } from "./screen.ts";

function answer(service: ServiceName, masters: MasterStatus[]): ServiceAnswer {
  return { state: "ok", status: serviceStatus(service, masters) };
}

const absent: ServiceAnswer = { state: "absent", detail: "nobody answers" };

/** A well installation with one master, as far as a test does not say otherwise. */
function seen(change: Partial<Observation> = {}, master = "backend"): Observation {
  const masters = [masterStatus(master)];
  return {
    services: {
      "demand-collector": answer("demand-collector", masters),
      "completion-collector": answer("completion-collector", masters),
      "slave-supervisor": answer("slave-supervisor", masters),
    },
    slaves: [],
    unreadable: 0,
    rounds: new Map([[master, { source: source([]), publishedAt: noon }]]),
    plans: new Map(),
    kept: new Map(),
    holders: new Map([[keys.lease("slave-supervisor", master), "kubestackd-1a2b3c4d"]]),
    newestStamp: noon,
    ...change,
  };
}

function source(items: ReturnType<typeof item>[], change: Parameters<typeof demand>[2] = {}) {
  const [first] = demand("backend", items, change).sources;
  if (first === undefined) throw new Error("a demand without a source");
  return first;
}

function withServices(collector: ServiceAnswer, supervisor: ServiceAnswer): Partial<Observation> {
  return {
    services: { "demand-collector": collector, "completion-collector": absent, "slave-supervisor": supervisor },
  };
}

const collectorSays = (change: Partial<MasterStatus>): Partial<Observation> =>
  withServices(
    answer("demand-collector", [masterStatus("backend", change)]),
    answer("slave-supervisor", [masterStatus("backend")]),
  );
const kept = (change: Parameters<typeof keptMaster>[1]): Partial<Observation> => ({
  kept: new Map([["backend", keptMaster("backend", change)]]),
});
const order = { kind: "paused", by: "ann", at: noon - 60_000, reason: "upgrade" } as const;
const fresh = (change: Parameters<typeof source>[1]) => ({
  rounds: new Map([["backend", { source: source([], change), publishedAt: noon }]]),
});

describe("how a master stands", () => {
  const waiting = answer("demand-collector", [masterStatus("backend", { state: "waiting" })]);
  const supervised = answer("slave-supervisor", [masterStatus("backend", { state: "waiting" })]);
  test.each<[string, Partial<Observation>, string]>([
    ["all is well", {}, "ok"],
    ["refused", collectorSays({ state: "refused", detail: "401" }), "refused"],
    ["not read yet", collectorSays({ state: "starting" }), "starting"],
    ["about to shut down", fresh({ quietingDown: true }), "quieting"],
    ["another process reads and supervises it", withServices(waiting, supervised), "ok"],
    [
      "another process reads it, and it does not answer",
      { ...withServices(waiting, supervised), ...fresh({ state: "unknown" }) },
      "unreachable",
    ],
    [
      "another process reads it, and it refuses",
      {
        ...withServices(waiting, supervised),
        ...fresh({ state: "unknown", problem: { code: "credential-refused", message: "401" } }),
      },
      "refused",
    ],
    ["no collector, but the round is fresh", withServices(absent, supervised), "ok"],
    ["no collector, and the round is old", { ...withServices(absent, supervised), rounds: old() }, "unread"],
    ["no collector and no round", { ...withServices(absent, supervised), rounds: new Map() }, "unread"],
    ["paused by a person", kept({ order }), "paused"],
    ["drained by a person", kept({ order: { ...order, kind: "draining" } }), "draining"],
    ["out of the configuration, and paused before", kept({ order, removedAt: noon }), "removed"],
    [
      "paused, and it refuses",
      { ...kept({ order }), ...collectorSays({ state: "refused", detail: "401" }) },
      "refused",
    ],
    ["nobody owns it", { ...withServices(waiting, supervised), holders: new Map() }, "unsupervised"],
    ["no supervisor, and no lease", { ...withServices(waiting, absent), holders: new Map() }, "unsupervised"],
    [
      "another store has the installation",
      withServices(
        answer("demand-collector", [masterStatus("backend")]),
        answer("slave-supervisor", [masterStatus("backend", { state: "refused", detail: "another store has it" })]),
      ),
      "refused",
    ],
    [
      "the supervisor has no round yet",
      withServices(
        answer("demand-collector", [masterStatus("backend")]),
        answer("slave-supervisor", [masterStatus("backend", { state: "starting", detail: "no round has come yet" })]),
      ),
      "starting",
    ],
  ])("%s", (_, change, state) => {
    expect(standingOf("backend", seen(change), noon).state).toBe(state);
  });

  function old() {
    return new Map([["backend", { source: source([]), publishedAt: noon - 61_000 }]]);
  }
});

describe("why builds wait", () => {
  const waitingOf = (
    items: ReturnType<typeof item>[],
    made?: ReturnType<typeof plan>,
    more: Partial<Observation> = {},
  ) => {
    const rounds = new Map([["backend", { source: source(items), publishedAt: noon }]]);
    const plans = new Map(made === undefined ? [] : [["backend", made]]);
    const { groups, notOurs } = overviewOf(seen({ rounds, plans, ...more }), noon);
    return { groups: groups.map(({ reason, builds, oldestSince }) => [reason, builds, oldestSince]), notOurs };
  };

  test("items with the same reason are one line, the oldest first", () => {
    const cap = "template ios is at its cap: 60/60";
    const items = [
      item("1", { waitingSince: noon - 5000 }),
      item("2", { waitingSince: noon - 9000 }),
      item("3", { waitingSince: noon - 20_000 }),
    ];
    const made = plan("backend", [
      ["1", "cap", cap],
      ["2", "cap", cap],
      ["3", "held", "template gpu is held"],
    ]);
    expect(waitingOf(items, made).groups).toEqual([
      ["template gpu is held", 1, noon - 20_000],
      [cap, 2, noon - 9000],
    ]);
  });

  test("slaves on their way are one line with what they wait on, launches of this pass among them", () => {
    const slaves = [
      slave("ks-1", "scheduled", { life: { pod: { waitsOn: "image" } } }),
      slave("ks-2", "scheduled", { life: { pod: { waitsOn: "node" } } }),
      slave("ks-3", "requested"),
      slave("ks-4", "scheduled", { master: "other" }),
    ];
    const made = plan("backend", [["1", "slave-coming", "ks-1 is scheduled and will take it"]], 1);
    expect(waitingOf([item("1"), item("2"), item("3")], made, { slaves }).groups).toEqual([
      ["slave on its way (1 image, 1 node, 1 pod)", 2, noon - 41_000],
      ["queued, not decided on yet", 1, noon - 41_000],
    ]);
  });

  test("a reason for an item that left the queue is not told", () => {
    expect(waitingOf([], plan("backend", [["1", "cap", "full"]])).groups).toEqual([]);
  });

  test("where nobody supervises, an old plan says nothing", () => {
    const change = {
      ...withServices(answer("demand-collector", [masterStatus("backend")]), absent),
      holders: new Map(),
    };
    expect(waitingOf([item("1")], plan("backend", [["1", "slave-coming", "x"]]), change).groups).toEqual([
      ["no slave-supervisor owns backend", 1, noon - 41_000],
    ]);
  });

  test("what no template serves is counted by label, apart", () => {
    const wants = (expression: string) => ({ wants: { kind: "expression" as const, expression } });
    const items = [item("1", wants("win2012")), item("2", wants("pod-x")), item("3", wants("pod-x"))];
    const made = plan(
      "backend",
      items.map(({ id }) => [id, "not-ours", "no template serves it"]),
    );
    expect(waitingOf(items, made)).toEqual({
      groups: [],
      notOurs: [
        { wants: "'pod-x'", builds: 2 },
        { wants: "'win2012'", builds: 1 },
      ],
    });
  });

  test("an unknown master's queue is no queue", () => {
    const { groups, masters } = overviewOf(
      seen({
        ...collectorSays({ state: "unreachable", waiting: null }),
        rounds: new Map([["backend", { source: source([item("1")]), publishedAt: noon }]]),
      }),
      noon,
    );
    expect(groups).toEqual([]);
    expect(masters[0]?.waiting).toBeNull();
  });
});

describe("the screen", () => {
  const options = { width: undefined, colour: false, now: noon, all: false, wide: false };

  test("all is well", () => {
    const slaves = [slave("ks-1", "busy"), slave("ks-2", "scheduled"), slave("ks-3", "deleted")];
    expect(screen(overviewOf(seen({ slaves }), noon), options)).toEqual([
      "prod-eu 0.1.0   healthy      2 slaves · cluster ok · NATS ok",
      "MASTER   STATE  WAIT  OLDEST  START  IDLE  BUSY  DRAIN  OWNER",
      "backend  ok        0       –      1     0     1      0  kubestackd-1a2b3c4d",
    ]);
  });

  test("slaves that people hold are counted, and are no trouble", () => {
    const held = { by: "ann", at: noon, until: noon + 60_000, reason: "" };
    const slaves = [slave("ks-1", "busy", { life: { held } }), slave("ks-2", "draining", { life: { held } })];
    const [head] = screen(overviewOf(seen({ slaves: [...slaves, slave("ks-3", "draining")] }), noon), options);
    expect(head).toBe("prod-eu 0.1.0   healthy · 2 slaves held      3 slaves · cluster ok · NATS ok");
  });

  test("what is held back is counted until its time is over", () => {
    const hold = (until: number) => ({
      what: "template" as const,
      name: "gpu",
      until,
      because: "it failed",
      failures: 1,
    });
    const plans = new Map([["backend", { ...plan("backend", []), holds: [hold(noon + 1000), hold(noon)] }]]);
    expect(screen(overviewOf(seen({ plans }), noon), options)[0]).toContain("healthy · 1 hold   ");
  });

  test("with nobody there it says what to start", () => {
    const services = { "demand-collector": absent, "completion-collector": absent, "slave-supervisor": absent };
    expect(screen(overviewOf(seen({ services, rounds: new Map(), holders: new Map() }), noon), options)).toEqual([
      "KubeStack   3 services absent      0 slaves · cluster unknown · NATS ok",
      "No master is served; the configuration names them under masters:.",
      "FIX  demand-collector: nobody answers; start it: kubestackd demand-collector",
      "FIX  completion-collector: nobody answers; start it: kubestackd completion-collector",
      "FIX  slave-supervisor: nobody answers; start it: kubestackd slave-supervisor",
    ]);
  });

  test("a refused master is told with its remedy, folded to the terminal and never cut", () => {
    const detail = "Jenkins at http://payments refuses the token of user kubestack (401): make a new one.";
    const lines = screen(
      overviewOf(seen(collectorSays({ state: "refused", detail, since: noon - 60_000, waiting: null })), noon),
      {
        ...options,
        width: 60,
      },
    );
    expect(lines.slice(0, 2).join(" ")).toContain("1 master refused");
    const fix = lines.slice(lines.findIndex((line) => line.startsWith("FIX  backend refused since ")));
    expect(fix.length).toBeGreaterThan(1);
    expect(fix.map((line) => line.trim()).join(" ")).toContain(detail);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
  });

  test("a second source that says nothing, and what could not be read of one, are told", () => {
    const first = source([], { unread: { items: 1, faults: "1 lines can't be read" } });
    const problem = { code: "master-unavailable", message: "Nothing came yet." };
    const silent = { ...source([]), name: "external", state: "unknown" as const, problem };
    const rounds = new Map([["backend", { source: first, others: [silent], publishedAt: noon }]]);
    expect(overviewOf(seen({ rounds }), noon).fixes).toEqual([
      { about: "backend external", since: null, sentence: "Nothing came yet." },
      { about: "backend jenkins-queue", since: null, sentence: "1 lines can't be read" },
    ]);
  });

  test("what is ordered for masters is no trouble, and is told", () => {
    const [head, , row] = screen(overviewOf(seen(kept({ order })), noon), { ...options, wide: true });
    expect(head).toContain("healthy · 1 master paused");
    expect(row).toMatch(/^backend {2}paused .* by ann: upgrade$/);
  });

  test("a master that is out of the configuration and does not answer is told to be waited for", () => {
    const away = collectorSays({ state: "unreachable", detail: "Master backend does not answer" });
    const { fixes } = overviewOf(seen({ ...away, ...kept({ removedAt: noon - 60_000 }) }), noon);
    expect(fixes.map(({ sentence }) => sentence)).toContain(
      "Master backend does not answer. It is out of the configuration; what is left there stays until it answers, or until kubestackcmd masters forget backend gives it up.",
    );
  });

  test("and one that was given up is told to be so", () => {
    const away = collectorSays({ state: "unreachable", detail: "Master backend does not answer" });
    const forgotten = { by: "ann", at: noon, reason: "" };
    const { fixes } = overviewOf(seen({ ...away, ...kept({ removedAt: noon - 60_000, forgotten }) }), noon);
    expect(fixes.map(({ sentence }) => sentence)).toContain(
      "Master backend does not answer. It is out of the configuration; ann gave it up, and it goes when the pods of its slaves are gone.",
    );
  });

  test("a master that nobody serves any more is shown as long as something is kept of it", () => {
    const gone = { kept: new Map([["gone", keptMaster("gone", { removedAt: noon - 60_000 })]]) };
    expect(overviewOf(seen(gone), noon).masters.map(({ master, state }) => [master, state])).toEqual([
      ["backend", "ok"],
      ["gone", "unread"],
    ]);
  });

  test("what processes tell of themselves is to be mended, and told once", () => {
    const sentence = "c.yaml is wrong (masters: must name at least one master): what ran before goes on";
    const noted = (service: ServiceName): ServiceAnswer => ({
      state: "ok",
      status: { ...serviceStatus(service, [masterStatus("backend")]), notes: [sentence] },
    });
    const services = {
      "demand-collector": noted("demand-collector"),
      "completion-collector": noted("completion-collector"),
      "slave-supervisor": noted("slave-supervisor"),
    };
    const lines = screen(overviewOf(seen({ services }), noon), options);
    expect(lines.filter((line) => line.includes("c.yaml"))).toEqual([`FIX  configuration: ${sentence}`]);
  });

  test("of many masters those that have nothing to do are counted", () => {
    const masters = Array.from({ length: 14 }, (_, at) => masterStatus(`m${at}`, { waiting: at === 3 ? 2 : 0 }));
    const services = {
      "demand-collector": answer("demand-collector", masters),
      "completion-collector": answer("completion-collector", masters),
      "slave-supervisor": answer("slave-supervisor", masters),
    };
    const overview = overviewOf(seen({ services }), noon);
    const lines = screen(overview, options);
    expect(lines.slice(1, 4).map((line) => line.split(" ")[0])).toEqual(["MASTER", "m3", "(13"]);
    expect(screen(overview, { ...options, all: true })).toHaveLength(16);
  });

  test("clocks that are off are to be mended", () => {
    const off = { ...serviceStatus("slave-supervisor", [masterStatus("backend")]), clockOffsetMs: -3200 };
    const services = { ...seen().services, "slave-supervisor": { state: "ok" as const, status: off } };
    const sentences = overviewOf(seen({ services, newestStamp: noon + 5000 }), noon).fixes.map(
      ({ sentence }) => sentence,
    );
    expect(sentences[0]).toContain("of slave-supervisor is 3.2s ahead of NATS's");
    expect(sentences[1]).toContain("This machine's clock is at least 5.0s behind");
  });
});

describe("node pools", () => {
  const pool: PoolStanding = {
    ...{ pool: "spot", target: "scale", isDryRun: false, isSpot: true, isKnown: true, ready: 22, nodes: 23, coming: 1 },
    ...{
      wanted: 24,
      min: 0,
      max: 40,
      pricePerHour: 0.19,
      used: 0.8,
      hold: null,
      trouble: "",
      arrival: null,
      leaving: [],
    },
    ...{ reason: "", slaves: [], last: null },
  };
  const withPools = (
    pools: readonly Partial<PoolStanding>[],
    more: Partial<PoolsReply> = {},
  ): Partial<Observation> => ({
    pools: { isLeader: true, at: noon, unplaced: [], pools: pools.map((one) => ({ ...pool, ...one })), ...more },
  });
  const fixesOf = (of: Partial<Observation>) =>
    overviewOf(seen(of), noon).fixes.map(({ about, sentence }) => `${about}: ${sentence}`);

  test("are told in a line, with what comes, where there are any", () => {
    const drawn = (of: Partial<Observation>) =>
      screen(overviewOf(seen(of), noon), { now: noon, all: false, wide: false, width: undefined, colour: false });
    expect(drawn({}).some((line) => line.startsWith("POOLS"))).toBe(false);
    expect(drawn(withPools([{}, { pool: "steady", ready: 18, nodes: 18, coming: 0 }]))).toContainEqual(
      expect.stringMatching(/^POOLS +spot 22\+2 · steady 18$/),
    );
  });

  test("in trouble are no health", () => {
    const troubles = (of: Partial<Observation>) => troublesOf(overviewOf(seen(of), noon));
    expect(troubles(withPools([{}]))).toEqual([]);
    expect(troubles(withPools([{}, { trouble: "no right" }]))).toEqual(["node pools in trouble"]);
  });

  test.each<[string, Partial<Observation>, string[]]>([
    ["nothing where all is well", withPools([{}]), []],
    [
      "a hold, and nothing of one that is over",
      withPools([
        { hold: { until: noon + 1, because: "2 nodes did not come" } },
        { hold: { until: noon, because: "x" } },
      ]),
      ["pool spot is held: 2 nodes did not come"],
    ],
    ["what is wrong with one", withPools([{ trouble: "Karpenter has it" }]), ["pool spot: Karpenter has it"]],
    [
      "what is wrong with all, once",
      withPools([{ trouble: "no right" }, { trouble: "no right" }]),
      ["2 node pools: no right"],
    ],
    [
      "pods that no pool has room for",
      withPools([{}], { unplaced: [{ pods: ["a", "b"], because: "spot: too small" }] }),
      ["no node for a and 1 more: spot: too small"],
    ],
    ["that nobody decides", withPools([{}], { isLeader: false }), ["node pools: no process decides on them now"]],
  ])("are to be mended: %s", (_, of, fixes) => expect(fixesOf(of)).toEqual(fixes));
});
