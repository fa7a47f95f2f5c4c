import {
  explanationSchema,
  hasCode,
  keys,
  type MasterStatus,
  type Plan,
  type ServiceName,
  type TemplateStanding,
} from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { demand, item, masterStatus, noon, plan, serviceStatus, slave } from "../records.fixture.ts";
import type { Observation, ServiceAnswer } from "../seen/observation.ts";
import { explanationOf } from "./explanation.ts";
import { toldExplanation } from "./told.ts";

const answer = (service: ServiceName, masters: MasterStatus[]): ServiceAnswer => ({
  state: "ok",
  status: serviceStatus(service, masters),
});
const absent: ServiceAnswer = { state: "absent", detail: "nobody answers" };

interface World {
  readonly items?: ReturnType<typeof item>[];
  readonly plan?: ReturnType<typeof plan>;
  readonly slaves?: ReturnType<typeof slave>[];
  readonly templates?: TemplateStanding[];
  readonly status?: Partial<MasterStatus>;
  readonly round?: Parameters<typeof demand>[2];
  readonly more?: Partial<Observation>;
}

const maven: TemplateStanding = {
  name: "maven",
  labels: ["maven", "linux"],
  unlabelled: false,
  maxSlaves: 200,
  held: null,
};

/** One master, `backend`, and what a test puts there. */
function seen({ items = [], plan: told, slaves = [], templates = [maven], status, round, more }: World): Observation {
  const masters = [masterStatus("backend", status)];
  const [source] = demand("backend", items, round).sources;
  if (source === undefined) throw new Error("a demand without a source");
  return {
    services: {
      "demand-collector": answer("demand-collector", masters),
      "completion-collector": answer("completion-collector", masters),
      "slave-supervisor": answer("slave-supervisor", [masterStatus("backend")]),
    },
    slaves,
    unreadable: 0,
    rounds: new Map([["backend", { source, publishedAt: noon }]]),
    plans: new Map([["backend", { ...(told ?? plan("backend", [])), templates }]]),
    kept: new Map(),
    holders: new Map([[keys.lease("slave-supervisor", "backend"), "kubestackd-1a2b3c4d"]]),
    newestStamp: noon,
    ...more,
  };
}

const explain = (what: string, world: World, master?: string) =>
  explanationOf(seen(world), { what, master, now: noon });
const facts = (what: string, world: World) => explain(what, world).evidence.map(({ fact }) => fact);

const byAnn = { by: "ann", at: noon - 3_840_000, until: noon + 3_360_000, reason: "flaky" };
const image = { waitsOn: "image" as const, waitsSince: noon - 12_000, waitDetail: "pulling agent:3", node: "ip-1" };
const coming = slave("ks-backend-7f3k2p", "scheduled", { since: noon - 38_000, life: { pod: image } });
const held: TemplateStanding = {
  ...maven,
  held: { until: noon + 20_000, because: "3 launches in a row failed; the last: ErrImagePull" },
};
const url = "http://ci/job/shop/job/api/412/";
const deleted = slave("ks-backend-8a", "deleted", {
  life: {
    outcome: "failed",
    trail: [
      { state: "requested", at: noon - 90_000, reason: "for shop/api, queue item 412" },
      { state: "draining", at: noon - 30_000, reason: "image jnlp: ErrImagePull" },
      { state: "deleted", at: noon - 20_000, reason: "secret.gone" },
    ],
  },
});

const timeless = (text: string) => text.replace(/since 2026-03-04T\d\d:\d\dZ/, "since HH:MM");

test("a size that was asked for by label is told, of templates and of slaves", () => {
  const bounds = { cpu: { min: "10m", max: "8" } };
  const templates = [{ ...maven, overrides: bounds }];
  const wants = (expression: string) => ({ ...item("412"), wants: { kind: "expression" as const, expression } });
  expect(facts("412", { items: [wants("maven && cpu=4")], templates })).toContain(
    "template maven [maven linux] serves it with cpu=4; none of its slaves lives, at most 200",
  );
  const refused = plan("backend", [["412", "size", "template maven allows cpu up to 8; asked: 16"]]);
  const world = { items: [wants("maven && cpu=16")], templates, plan: refused };
  expect(explain("412", world)).toMatchObject({
    sentence: expect.stringContaining("template maven allows cpu up to 8; asked: 16."),
    next: "ask for a size that the template allows, or let its overrides allow more",
  });
  expect(facts("412", world)).toContainEqual(expect.stringContaining("there is maven [maven linux] (cpu=10m..8)"));
  const sized = { ...coming, labels: ["maven", "cpu=4"], size: { cpu: "4" } };
  expect(facts(sized.name, { slaves: [sized] })[0]).toContain("template maven with cpu=4 [maven cpu=4]");
});

test("a template that is kept to jobs is told with them, and as not for others", () => {
  const templates = [{ ...maven, jobs: ["mobile/**"] }];
  const refusal = `template maven serves 'maven' but not job shop/api (its jobs: ["mobile/**"])`;
  const world = { items: [item("412")], templates, plan: plan("backend", [["412", "job", refusal]]) };
  expect(explain("412", world)).toMatchObject({
    sentence: expect.stringContaining(`${refusal}.`),
    next: "add the job to the template's jobs, give another template this label, or leave the build to whoever serves it",
  });
  expect(facts("412", world)).toContain(
    'template maven [maven linux] is not for job shop/api (its jobs: ["mobile/**"])',
  );
  const meant = [{ ...maven, jobs: ["shop/*"] }];
  expect(facts("412", { items: [item("412")], templates: meant })).toContain(
    'template maven [maven linux] serves it (its jobs: ["shop/*"]); none of its slaves lives, at most 200',
  );
});

test("slaves that are to be idle are told with their rule, of templates and of slaves", () => {
  const warm = { idle: 6, because: "warm: 0 7 * * 1-5, until 18:00 Europe/Berlin" };
  const told = (more: object) => facts("maven", { templates: [{ ...maven, warm: { ...warm, ...more } }] });
  expect(told({})).toContain(
    "backend: template maven [maven linux] serves it; none of its slaves lives, at most 200, 6 are to be idle (warm: 0 7 * * 1-5, until 18:00 Europe/Berlin)",
  );
  expect(told({ short: "its master is at its cap: 5/5 slaves of master backend" })[0]).toContain(
    ", of which some are missing: its master is at its cap: 5/5 slaves of master backend",
  );
  const idle = { ...slave("ks-backend-7f3k2w", "online"), item: null, isWarm: true };
  expect(facts(idle.name, { slaves: [idle] })[0]).toContain("launched for no queue item, to be idle; template maven");
});

describe("why a build waits", () => {
  const head = "shop/api (queue item 412 of backend) waits 41s for an agent: ";
  test.each<[string, World, string, string | null]>([
    [
      "a slave that was launched for it is named, with what it waits for",
      {
        items: [item("412")],
        plan: plan("backend", [["412", "slave-coming", "ks-backend-7f3k2p is scheduled"]]),
        slaves: [coming],
      },
      "slave ks-backend-7f3k2p is scheduled for 38s and waits for image: pulling agent:3",
      "the slave is given up in 9m48s if it does not come further (pull), and another one is launched",
    ],
    [
      "a slave whose image is denied: what to do, and how soon it is given up",
      {
        items: [item("412")],
        plan: plan("backend", [["412", "slave-coming", "ks-backend-7f3k2p is scheduled"]]),
        slaves: [
          slave("ks-backend-7f3k2p", "scheduled", {
            since: noon - 38_000,
            life: { pod: { ...image, trouble: { class: "image-denied", since: noon - 10_000 } } },
          }),
        ],
      },
      "slave ks-backend-7f3k2p is scheduled for 38s and waits for image: pulling agent:3",
      expect.stringMatching(/imagePullSecrets in the template that are in namespace .* given up in 20s .*\(mend\)$/),
    ],
    [
      "the plan launches one for it, and it has no record yet",
      { items: [item("412")], plan: launchFor("412") },
      "a slave is being launched for it",
      null,
    ],
    [
      "the plan launches one for it, and its record says how far it is",
      {
        items: [item("412")],
        plan: launchFor("412"),
        slaves: [slave("ks-backend-1", "requested", { since: noon - 1000 })],
      },
      "slave ks-backend-1 is requested for 1s and waits for its pod",
      "the slave is given up in 1m59s if it does not come further (request), and another one is launched",
    ],
    [
      "held",
      {
        items: [item("412")],
        plan: plan("backend", [["412", "held", "template maven is held: ErrImagePull."]]),
        templates: [held],
      },
      "template maven is held: ErrImagePull",
      "mend what failed; kubestackcmd lift has one slave tried then, before more",
    ],
    [
      "cap",
      { items: [item("412")], plan: plan("backend", [["412", "cap", "template maven is at its cap: 200/200 slaves"]]) },
      "template maven is at its cap: 200/200 slaves",
      "it is launched for as soon as one of these slaves is gone",
    ],
    [
      "share",
      {
        items: [item("412")],
        plan: plan("backend", [["412", "share", "master backend is at its share: 4 of 8 slaves; master b waits"]]),
      },
      "master backend is at its share: 4 of 8 slaves; master b waits",
      "it is launched for as soon as one of these slaves is gone",
    ],
    [
      "too large",
      { items: [item("412")], plan: plan("backend", [["412", "too-large", "it asks for 64 cpu, of 32"]]) },
      "it asks for 64 cpu, of 32",
      "ask for less, or let the cap be larger",
    ],
    [
      "no template",
      {
        items: [item("412", { wants: { kind: "expression", expression: "gpu" } })],
        plan: plan("backend", [["412", "not-ours", "no template serves 'gpu'"]]),
      },
      "no template serves 'gpu'",
      "give a template this label, or leave the build to whoever serves it",
    ],
    [
      "its label is not known",
      {
        items: [item("412", { wants: { kind: "unknown", because: "403" } })],
        plan: plan("backend", [["412", "label-unknown", "its label is not known: 403"]]),
      },
      "its label is not known: 403",
      "kubestackcmd doctor backend says which of the sources of labels can be read",
    ],
    ["queued a moment ago", { items: [item("412")] }, "queued, not decided on yet", null],
    [
      "the master shuts down",
      { items: [item("412")], round: { quietingDown: true } },
      "backend is about to shut down",
      null,
    ],
    [
      "nobody supervises its master",
      {
        items: [item("412")],
        more: { holders: new Map(), services: { ...seen({}).services, "slave-supervisor": absent } },
      },
      "no slave-supervisor owns backend",
      "start one: kubestackd slave-supervisor",
    ],
    [
      "its master does not answer any more",
      { items: [item("412")], status: { state: "refused", detail: "401 for the token.", since: noon - 60_000 } },
      "whether it still waits is unknown since HH:MM, for its master is refused: 401 for the token",
      "kubestackcmd doctor backend says what is wrong with it",
    ],
  ])("%s", (_, world, why, next) => {
    const told = explain("412", world);
    expect(timeless(told.sentence)).toBe(`${head}${why}.`);
    expect(told.next).toEqual(next);
  });

  function launchFor(id: string) {
    const made = plan("backend", [], 1);
    return { ...made, launches: made.launches.map((launch) => ({ ...launch, items: [id] })) };
  }

  test("rests on the queue, the decision, the templates, earlier launches and the slave's own trail", () => {
    const world = {
      items: [item("400", { waitingSince: noon - 60_000 }), item("412"), item("413", { job: "other" })],
      plan: plan("backend", [["412", "slave-coming", "ks-backend-7f3k2p is scheduled and will take it"]]),
      slaves: [deleted, coming],
    };
    expect(explain("412", world).evidence).toEqual([
      { at: noon - 41_000, fact: "queued at backend; wants 'maven' (read from the master's sentence)" },
      { at: noon, fact: "place 2 of 3 in the newest round; the master says: Waiting for next available executor" },
      { at: null, fact: "1 more of this job waits: item 400" },
      { at: noon, fact: "decided: ks-backend-7f3k2p is scheduled and will take it" },
      { at: null, fact: "template maven [maven linux] serves it; 1 of its slaves lives (1 scheduled), at most 200" },
      { at: noon - 30_000, fact: "slave ks-backend-8a, launched for it before, failed: image jnlp: ErrImagePull" },
      { at: noon - 38_000, fact: "ks-backend-7f3k2p scheduled: for a test" },
      { at: noon - 12_000, fact: "waits for image: pulling agent:3 (on ip-1)" },
    ]);
  });

  test("tells the caps of its master and of all masters with what counts under them, as far as there are any", () => {
    const slaves = [coming, slave("ks-mobile-1", "busy", { master: "mobile" }), deleted];
    const capped = (maxSlaves: Plan["maxSlaves"]) =>
      facts("412", {
        items: [item("412")],
        slaves,
        plan: { ...plan("backend", [["412", "cap", "full"]]), maxSlaves },
      }).filter((fact) => fact.includes("at most") && !fact.startsWith("template"));
    expect(capped({ master: 300, all: 800 })).toEqual([
      "master backend has 1 of at most 300 slaves, all masters together have 2 of at most 800 slaves",
    ]);
    expect(capped({ master: null, all: 800 })).toEqual(["all masters together have 2 of at most 800 slaves"]);
    expect(capped({ master: null, all: null })).toEqual([]);
    expect(capped(undefined)).toEqual([]);
  });

  test.each<[string, [string, string, string][], number, string | undefined]>([
    ["alone", [["412", "cap", "full"]], 0, undefined],
    [
      "before another",
      [
        ["412", "cap", "full"],
        ["413", "cap", "full"],
      ],
      0,
      "place 1 of 2 that wait for this",
    ],
    [
      "of more than are listed",
      [
        ["413", "cap", "full"],
        ["412", "cap", "full"],
      ],
      9,
      "place 2 of at least 2 that wait for this",
    ],
    [
      "behind one that waits for something else",
      [
        ["413", "cap", "other"],
        ["412", "cap", "full"],
      ],
      0,
      undefined,
    ],
    [
      "of those that wait for no room",
      [
        ["412", "paused", "x"],
        ["413", "paused", "x"],
      ],
      0,
      undefined,
    ],
  ])("tells its place among those that wait for the same room: %s", (_, waiting, more, place) => {
    const found = facts("412", {
      items: [item("412"), item("413")],
      plan: { ...plan("backend", waiting), more },
    }).filter((fact) => fact.includes("wait for this"));
    expect(found).toEqual(place === undefined ? [] : [place]);
  });

  test("says which templates there are where none serves it, and nothing where an older release tells no templates", () => {
    const wants = { wants: { kind: "expression" as const, expression: "!windows" } };
    const world = { items: [item("412", wants)], plan: plan("backend", [["412", "not-ours", "x"]]) };
    expect(facts("412", world)).toContain("no template of backend serves '!windows'; there is maven [maven linux]");
    const templates = [{ ...maven, name: "team-a/maven", from: "configmap:team-a/ci#t.yaml" }];
    expect(facts("412", { items: [item("412")], templates })).toContainEqual(
      expect.stringMatching(/^template team-a\/maven \(ConfigMap team-a\/ci, key t.yaml\) \[maven linux\] serves it/),
    );
    const status = {
      ...serviceStatus("slave-supervisor", [masterStatus("backend")]),
      templateFaults: [
        { from: "applied", template: "win", sentence: "template win (the applied templates) is no good" },
      ],
    };
    const { services } = seen(world);
    const faulty = {
      ...world,
      more: { services: { ...services, "slave-supervisor": { state: "ok" as const, status } } },
    };
    expect(facts("412", faulty)).toContain("left out is template win (the applied templates) is no good");
    const older = seen(world);
    const { templates: _, ...bare } = older.plans.get("backend") ?? plan("backend", []);
    const told = explanationOf({ ...older, plans: new Map([["backend", bare]]) }, { what: "412", now: noon });
    expect(told.evidence).toHaveLength(3);
  });
});

describe("what a slave does", () => {
  test.each<[string, ReturnType<typeof slave>, string]>([
    ["starts", coming, "is scheduled for 38s and waits for image: pulling agent:3"],
    [
      "is held after its build",
      slave("ks-backend-1", "draining", { life: { held: byAnn, pod: { uid: "u" } } }),
      "is held by ann for 56m more: it takes no build, and its pod stays",
    ],
    [
      "is held in its build",
      slave("ks-backend-1", "busy", { life: { held: byAnn, builds: { current: { url, startedAt: noon } } } }),
      "runs shop/api #412 for 0s; it is held by ann for 56m more, and stays after it",
    ],
    ["idles", slave("ks-backend-1", "online", { since: noon - 5000 }), "is online for 5s and waits for a build"],
    [
      "runs",
      slave("ks-backend-1", "busy", { life: { builds: { current: { url, startedAt: noon } } } }),
      "runs shop/api #412 for 0s",
    ],
    [
      "runs, and has lost its pod",
      slave("ks-backend-1", "busy", {
        life: {
          ...{ attempt: 2, lost: { at: noon, class: "evicted", reason: "the pod was evicted" } },
          ...{
            builds: { current: { url, startedAt: noon } },
            pod: { uid: "u", waitDetail: "0/3 nodes are available" },
          },
        },
      }),
      "runs shop/api #412 for 0s; its pod was lost (the pod was evicted), and another one follows: it waits for pod 2: node: 0/3 nodes are available",
    ],
    [
      "goes",
      slave("ks-backend-1", "draining", { life: { pod: { uid: "u" } } }),
      "goes for 0s (for a test); still there: node, pod",
    ],
    ["failed", deleted, "is over since HH:MM: its launch failed (image jnlp: ErrImagePull)"],
    [
      "was lost by what came out later",
      slave("ks-backend-1", "deleted", {
        life: { outcome: "served", failure: { class: "out-of-memory", reason: "killed for want of memory" } },
      }),
      "is over since HH:MM: it ran its build (for a test; killed for want of memory)",
    ],
    [
      "served",
      slave("ks-backend-1", "deleted", { life: { outcome: "served" } }),
      "is over since HH:MM: it ran its build (for a test)",
    ],
  ])("one that %s", (_, record, sentence) => {
    const told = explain(record.name, { slaves: [record] });
    expect(timeless(told.sentence)).toBe(`${record.name} ${sentence}.`);
    expect(told.evidence[0]?.fact).toContain("launched for shop/api, queue item 412; template maven");
  });
});

describe("how a label is served", () => {
  test("by which templates, what waits, what holds it", () => {
    const world = {
      items: [item("1"), item("2", { wants: { kind: "expression" as const, expression: "linux && (maven || gpu)" } })],
      plan: plan("backend", [
        ["1", "held", "template maven is held"],
        ["2", "held", "template maven is held"],
      ]),
      templates: [held],
      slaves: [coming],
    };
    const told = explain("label:maven", world);
    expect(told.sentence).toBe(
      "Label maven is served by template maven; 2 builds wait for it, 1 slave with it lives; held is maven: 3 launches in a row failed; the last: ErrImagePull.",
    );
    expect(told.evidence.map(({ fact }) => fact)).toEqual([
      "backend: template maven [maven linux] serves it; 1 of its slaves lives (1 scheduled), at most 200; it is held: 3 launches in a row failed; the last: ErrImagePull",
      "shop/api (item 1 of backend) waits 41s: template maven is held",
      "shop/api (item 2 of backend) waits 41s: template maven is held",
    ]);
  });

  test("by none", () => {
    const gpu = item("1", { wants: { kind: "expression", expression: "gpu" } });
    const told = explain("gpu", {
      items: [gpu],
      plan: plan("backend", [["1", "not-ours", "no template serves 'gpu'"]]),
    });
    expect(told.sentence).toBe("Label gpu is served by no template; 1 build waits for it, no slave with it lives.");
    expect(told.next).toContain("give a template this label");
  });
});

test("a master that is not answering: since when its demand is unknown, and why", () => {
  const told = explain("master:backend", { status: { state: "refused", detail: "401.", since: noon - 60_000 } });
  expect(told.sentence).toMatch(/^The demand of backend is unknown since 2026-03-04T11:59Z, it is refused: 401\.$/);
  expect(told.next).toBe("kubestackcmd doctor backend says what is wrong with it");
});

describe("what is meant", () => {
  const world: World = {
    items: [item("412"), item("77", { job: "web", url: "http://ci/job/web/12/" })],
    slaves: [
      slave("ks-backend-7f3k2p", "busy", {
        life: { builds: { current: { url: "http://ci/job/db/9/", startedAt: noon } } },
      }),
      { ...slave("ks-backend-7g", "deleted"), item: { id: "99", job: "old", url: "http://ci/job/old/", seenAt: 0 } },
    ],
  };
  test.each([
    ["412", "item 412"],
    ["41", "item 412"],
    ["shop/api", "item 412"],
    ["http://ci/job/shop/job/api", "item 412"],
    ["https://ci.example.org/jenkins/job/shop/job/api/413/", "item 412"],
    ["http://ci/job/web/12", "item 77"],
    ["http://ci/job/web/", "item 77"],
    ["http://ci/job/db/9/", "slave ks-backend-7f3k2p"],
    ["ks-backend-7f", "slave ks-backend-7f3k2p"],
    ["99", "slave ks-backend-7g"],
    ["maven", "label maven"],
    ["label:mav", "label maven"],
    ["backend", "master backend"],
  ])("by %s", (what, meant) => {
    const { kind, name } = explain(what, world);
    expect(`${kind} ${name}`).toBe(meant);
  });

  test.each<[string, RegExp]>([
    ["ks-backend-7", /^'ks-backend-7' may mean slave ks-backend-7f3k2p, slave ks-backend-7g: write more of its name/],
    ["nothing", /^Nothing is called 'nothing', or begins so/],
    ["", /^Nothing is called ''/],
    ["label:412", /^Nothing is called 'label:412'/],
    ["http://ci/job/none/", /^Nothing is called/],
  ])("%s is one sentence", (what, sentence) => {
    const error = thrown(() => explain(what, world));
    expect(hasCode(error, "not-found")).toBe(true);
    expect((error as Error).message).toMatch(sentence);
  });

  test("where a master does not answer, that is said too", () => {
    const error = thrown(() => explain("1", { status: { state: "unreachable", detail: "no route", since: noon } }));
    expect((error as Error).message).toMatch(/What waits at backend is unknown since 2026-03-04T12:00Z: no route$/);
  });

  test("of one master only, where it is named", () => {
    expect((thrown(() => explain("412", world, "mobile")) as Error).message).toContain(
      "Nothing of mobile is called '412'",
    );
  });

  function thrown(work: () => unknown): unknown {
    try {
      work();
    } catch (error) {
      return error;
    }
    return undefined;
  }
});

describe("an answer as everybody is given it", () => {
  const asked = (what: string, world: World) => toldExplanation(explain(what, world), noon);

  test("keeps to its form, with instants in UTC", () => {
    const told = asked("412", { items: [item("412")], slaves: [coming] });
    expect(explanationSchema.parse(JSON.parse(JSON.stringify(told)))).toEqual(told);
    expect(told).toMatchObject({ kind: "item", name: "412", master: "backend", asOf: "2026-03-04T12:00:00.000Z" });
    expect(told.evidence[0]?.at).toBe("2026-03-04T11:59:19.000Z");
  });

  test("tells when a slave on its way is likely to be there", () => {
    const before = Array.from({ length: 20 }, (_, at) => {
      const bornAt = noon - 3_600_000 + at * 1000;
      const trail = [{ state: "requested" as const, at: bornAt, reason: "for a test" }];
      return slave(`ks-backend-old${at}`, "deleted", { life: { trail, agent: { firstOnlineAt: bornAt + 60_000 } } });
    });
    const expected = { kind: "likely", p50: "2026-03-04T12:00:22.000Z", p95: "2026-03-04T12:00:22.000Z", of: 20 };
    const told = asked("412", { items: [item("412")], slaves: [coming, ...before], plan: named });
    expect(told.expected).toEqual(expected);
    expect(told.next).toContain("it is likely to be online about 2026-03-04T12:00:22Z");
    expect(asked(coming.name, { slaves: [coming, ...before] }).expected).toEqual(expected);
    expect(asked("412", { items: [item("412")] }).expected).toBeNull();
  });

  test("is bounded, whatever is known and however long it is", () => {
    const items = Array.from({ length: 3 }, (_, at) => item(String(at), { why: "w".repeat(100_000) }));
    for (const { fact } of asked("1", { items }).evidence) expect(fact.length).toBeLessThanOrEqual(8192);
    const evidence = Array.from({ length: 600 }, (_, at) => ({ at, fact: `fact ${at}` }));
    const told = toldExplanation({ ...explain("backend", {}), evidence }, noon);
    expect(told.evidence).toHaveLength(500);
    expect(told.evidence.at(-1)).toEqual({ at: null, fact: "101 more facts are left out" });
  });

  test("has no time where there is none that a calendar has", () => {
    const told = asked("412", { items: [item("412", { waitingSince: 1e300 })] });
    expect(told.evidence[0]).toMatchObject({ at: null });
  });

  const named = plan("backend", [["412", "slave-coming", "ks-backend-7f3k2p is scheduled"]]);
});
