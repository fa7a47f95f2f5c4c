import { describe, expect, test } from "vitest";
import { type TemplateEntry, templateEntrySchema } from "../entry.ts";
import { bookOf, type FileTemplates, type WrittenEntry } from "./book.ts";
import { originWord } from "./origin.ts";
import { templateSourcesSchema } from "./sources.ts";

type Written = Record<string, unknown>;

const entry = (written: Written): TemplateEntry => templateEntrySchema.parse(written);

function file(entries: readonly Written[] = [], more: { sources?: object; defaults?: unknown } = {}): FileTemplates {
  const { sources = {}, ...rest } = more;
  return {
    entries: entries.map(entry),
    masters: ["backend", "mobile"],
    sources: templateSourcesSchema.parse(sources),
    ...rest,
  };
}

const applied = (value: unknown): WrittenEntry => ({ origin: { kind: "applied" }, value, place: "" });
const inMap = (namespace: string, value: unknown, name = "ci", key = "t.yaml"): WrittenEntry => ({
  origin: { kind: "configMap", namespace, name, key },
  value,
  place: "[0]",
});
const teams = (...grants: readonly object[]) => ({ configMaps: grants.map((one) => ({ masters: ["*"], ...one })) });

/** What is in force, in order, and what is wrong, each as `name path message`. */
function told(part: FileTemplates, written: readonly WrittenEntry[]) {
  const { templates, faults } = bookOf(part, written);
  return {
    names: templates.map(({ config, origin }) => `${config.name} ${originWord(origin)}`),
    faults: faults.map(({ template, path, message }) => `${template} ${path.join(".")} ${message}`),
  };
}

const maven = { name: "maven", labels: ["maven"], image: "maven:3" };

describe("the order in which templates are tried", () => {
  const part = file(
    [
      { ...maven, name: "z" },
      { ...maven, name: "a" },
    ],
    {
      sources: teams({ namespace: "team-b" }, { namespace: "team-a" }),
    },
  );
  const written = [
    inMap("team-a", { ...maven, name: "one" }, "b"),
    inMap("team-a", { ...maven, name: "two" }, "a", "z"),
    inMap("team-a", { ...maven, name: "three" }, "a", "b"),
    inMap("team-b", { ...maven, name: "four" }),
    applied({ ...maven, name: "q" }),
    applied({ ...maven, name: "B" }),
  ];

  test("is the file's, then the applied ones by name, then ConfigMaps': whatever order they come in", () => {
    const expected = [
      "z file",
      "a file",
      "B applied",
      "q applied",
      "team-b/four configmap:team-b/ci#t.yaml",
      "team-a/three configmap:team-a/a#b",
      "team-a/two configmap:team-a/a#z",
      "team-a/one configmap:team-a/b#t.yaml",
    ];
    expect(told(part, written)).toEqual({ names: expected, faults: [] });
    expect(told(part, written.toReversed())).toEqual({ names: expected, faults: [] });
  });

  test("a ConfigMap of a namespace that is not listed brings nothing", () => {
    expect(told(part, [inMap("team-c", maven)]).names).toEqual(["z file", "a file"]);
  });
});

describe("two of one name", () => {
  test("the file's stays in force, and who lost is told", () => {
    expect(told(file([maven]), [applied({ ...maven, image: "other" })])).toEqual({
      names: ["maven file"],
      faults: [
        "maven name is the same as that of one of the configuration file, which stays in force; give it another name",
      ],
    });
  });

  test("teams have names of their own; within one namespace the first one stays", () => {
    const part = file([maven], { sources: teams({ namespace: "team-a" }, { namespace: "team-b" }) });
    const written = [
      inMap("team-a", maven),
      inMap("team-a", { ...maven, image: "second" }),
      inMap("team-b", maven),
      applied({ ...maven, name: "team-b/maven" }),
    ];
    expect(told(part, written)).toEqual({
      names: ["maven file", "team-b/maven applied", "team-a/maven configmap:team-a/ci#t.yaml"],
      faults: [
        "team-a/maven name is the same as that of one before it, which stays in force; give it another name",
        "team-b/maven name is the same as that of an applied one, which stays in force; give it another name",
      ],
    });
  });
});

describe("what a template may stand on", () => {
  const base = { name: "base", env: { FROM: "file" } };
  const part = file([base, maven], { sources: teams({ namespace: "team-a" }, { namespace: "team-b" }) });
  const envOf = (written: readonly WrittenEntry[], name: string) => {
    const found = bookOf(part, written).templates.find(({ config }) => config.name === name);
    const pod = found?.config.pod as { spec: { containers: { env?: object[] }[] } } | undefined;
    return pod?.spec.containers[0]?.env;
  };
  const child = { ...maven, name: "child", inheritFrom: ["base"] };

  test("is the file's, an applied one, and one of its own namespace, which comes before those", () => {
    const own = { name: "base", env: { FROM: "team" } };
    const second = applied({ name: "second", env: { FROM: "applied" } });
    expect(envOf([inMap("team-a", child)], "team-a/child")).toEqual([{ name: "FROM", value: "file" }]);
    expect(envOf([inMap("team-a", child), inMap("team-a", own)], "team-a/child")).toEqual([
      { name: "FROM", value: "team" },
    ]);
    const onSecond = inMap("team-a", { ...child, inheritFrom: ["second"] });
    expect(envOf([onSecond, second], "team-a/child")).toEqual([{ name: "FROM", value: "applied" }]);
  });

  test("is the file's of its own name, too", () => {
    const same = inMap("team-a", { name: "maven", labels: ["maven"], inheritFrom: ["maven"] });
    expect(told(part, [same])).toMatchObject({
      names: [expect.anything(), expect.anything(), expect.anything()],
      faults: [],
    });
  });

  test.each<[string, WrittenEntry]>([
    ["another team's", inMap("team-a", { ...child, inheritFrom: ["team-b/maven"] })],
    ["a team's, where it was applied", applied({ ...child, inheritFrom: ["team-b/maven"] })],
    ["none at all", applied({ ...child, inheritFrom: ["nobody"] })],
  ])("is not %s", (_, written) => {
    const { names, faults } = told(part, [written, inMap("team-b", maven)]);
    expect(names).toHaveLength(3);
    expect(faults).toEqual([expect.stringMatching(/child inheritFrom.0 names no template \((team-b\/maven|nobody)\)/)]);
  });

  test("may not take the agent's secret into a container of its own", () => {
    const volumes = [{ emptyDir: { mountPath: "/agent/secret", containers: ["*"] } }];
    const pod = {
      spec: { containers: [{ name: "x", image: "i", volumeMounts: [{ name: "agent-secret", mountPath: "/s" }] }] },
    };
    const written = [inMap("team-a", { ...maven, volumes }), inMap("team-b", { ...maven, pod })];
    expect(told(part, written).faults).toEqual([
      "team-a/maven volumes.0 is the volume of the agent's secret; give it another name",
      "team-b/maven pod.spec.containers.0.volumeMounts.0.name is the agent's secret, which only the agent has; remove it",
    ]);
  });

  test("is told of whoever names it, and a name that is in force all the same is not", () => {
    const written = [
      applied({ name: "sound" }),
      applied({ name: "sound", env: { A: "1" } }),
      applied({ name: "wrong", allow: ["everything"] }),
      applied({ name: "middle", inheritFrom: ["wrong"] }),
      applied({ ...maven, name: "z", inheritFrom: ["sound", "middle"] }),
    ];
    const { names, faults } = told(part, written);
    expect(names).toEqual(["base file", "maven file", "sound applied"]);
    expect(faults.filter((fault) => fault.startsWith("z "))).toEqual([
      "z inheritFrom.1 names middle, which is wrong itself; correct that one",
    ]);
  });

  test("that a whole row stands on leaves out the row: each is told of the one before it, and nobody is judged twice", () => {
    const row = Array.from({ length: 500 }, (_, at) =>
      applied({ name: `t${at}`, inheritFrom: [at === 499 ? "nowhere" : `t${at + 1}`] }),
    );
    const { names, faults } = told(part, row);
    expect(names).toEqual(["base file", "maven file"]);
    expect(faults).toHaveLength(500);
    expect(faults).toContain("t0 inheritFrom.0 names t1, which is wrong itself; correct that one");
    expect(faults).toContain("t499 inheritFrom.0 names no template (nowhere); correct it");
  });

  test("is nothing wrong: the fault is told where it is, and who stands on it is told that", () => {
    const written = [
      applied({ ...maven, name: "a", memory: "lots" }),
      applied({ ...maven, name: "b", inheritFrom: ["a"] }),
      applied({ ...maven, name: "c", inheritFrom: ["b"] }),
      applied({ ...maven, name: "d" }),
    ];
    expect(told(part, written)).toEqual({
      names: ["base file", "maven file", "d applied"],
      faults: [
        "a memory is no quantity; write it as 500m, 2 or 4Gi",
        "b inheritFrom.0 names a, which is wrong itself; correct that one",
        "c inheritFrom.0 names b, which is wrong itself; correct that one",
      ],
    });
  });

  test("is not itself", () => {
    const written = [
      applied({ ...maven, name: "a", inheritFrom: ["b"] }),
      applied({ ...maven, name: "b", inheritFrom: ["a"] }),
    ];
    expect(told(part, written).faults).toEqual([
      "a inheritFrom.0 leads back to the template itself (a → b → a); take one of them out",
      "b inheritFrom.0 leads back to the template itself (b → a → b); take one of them out",
    ]);
  });

  test("`defaults.template` stands under it where it stands on nothing else", () => {
    const withDefaults = file([base], { defaults: { memory: "9Gi", env: { D: "1" } } });
    const book = bookOf(withDefaults, [applied(maven), applied({ ...child, name: "heir" })]);
    const [, heir, plain] = book.templates.map(({ config }) => JSON.stringify(config.pod));
    expect([plain?.includes("9Gi"), heir?.includes("9Gi")]).toEqual([true, false]);
  });
});

describe("what a source is not granted", () => {
  const spec = (of: object) => ({ ...maven, pod: { spec: of } });
  const secretVolume = { volumes: [{ name: "s", secret: { secretName: "team-a-key" } }] };
  const grant = { namespace: "team-a", masters: ["backend"] };
  test.each<[string, object, Written, string]>([
    [
      "a label",
      { labels: ["team-a-*", "mvn"] },
      maven,
      "labels.0 is not granted by labels of namespace team-a in templateSources.configMaps, which has team-a-*, mvn",
    ],
    [
      "builds without a label beside labels",
      { labels: ["*"] },
      { ...maven, unlabelled: true },
      "unlabelled is not granted beside",
    ],
    [
      "a master",
      {},
      { ...maven, masters: ["mobile"] },
      "masters.0 is not granted by masters of namespace team-a in templateSources.configMaps, which has backend",
    ],
    [
      "what is less than restricted",
      {},
      { ...spec({ hostNetwork: true }), allow: ["hostNamespaces"] },
      "allow may not have hostNamespaces, which the pod's spec.hostNetwork needs",
    ],
    [
      "a Secret",
      {},
      spec(secretVolume),
      "pod names Secret/team-a-key (spec.volumes.1.secret.secretName), which is not granted",
    ],
    ["a Secret of another name", { objects: ["Secret/team-b-*"] }, spec(secretVolume), "pod names Secret/team-a-key"],
    ["one more", { maxTemplates: 0 }, maven, " is one more than the 0 that may come from there"],
  ])("%s", (_, more, written, fault) => {
    const { faults } = told(file([], { sources: teams({ ...grant, ...more }) }), [inMap("team-a", written)]);
    expect(faults).toEqual([expect.stringContaining(`team-a/maven ${fault}`)]);
  });

  test.each<[string, object, Written]>([
    ["a label", { labels: ["ma*"] }, maven],
    [
      "what is less than restricted",
      { allow: ["hostNamespaces"] },
      { ...spec({ hostNetwork: true }), allow: ["hostNamespaces"] },
    ],
    ["a Secret", { objects: ["Secret/team-a-*"] }, spec(secretVolume)],
  ])("granted, %s is had", (_, more, written) => {
    expect(told(file([], { sources: teams({ ...grant, ...more }) }), [inMap("team-a", written)]).faults).toEqual([]);
  });

  test("it does not have from a template of the file either: who chooses the image gets at all that the pod gets at", () => {
    const signing = { name: "signing", labels: ["sign"], image: "sign:1", pod: { spec: secretVolume } };
    const thief = { name: "thief", labels: ["t"], inheritFrom: ["signing"], image: "mine:1" };
    const part = file([signing], { sources: teams(grant) });
    expect(told(part, [inMap("team-a", thief)]).faults).toEqual([expect.stringContaining("names Secret/team-a-key")]);
    expect(told(part, [applied(thief)]).faults).toEqual([
      expect.stringContaining("granted by templateSources.applied.objects"),
    ]);
  });

  test.each<[readonly string[] | undefined, readonly string[], readonly string[]]>([
    [undefined, ["backend"], ["backend"]],
    [["*"], ["backend"], ["backend"]],
    [["*"], ["*"], ["*"]],
    [["backend", "mobile"], ["*"], ["backend", "mobile"]],
    [["mobile"], ["backend", "mobile"], ["mobile"]],
  ])("masters %j out of %j are %j", (said, granted, served) => {
    const part = file([], { sources: teams({ namespace: "team-a", masters: granted }) });
    const { templates } = bookOf(part, [
      inMap("team-a", { ...maven, ...(said === undefined ? {} : { masters: said }) }),
    ]);
    expect(templates.map(({ config }) => config.masters)).toEqual([served]);
  });

  test("a master that it serves but that the configuration does not name any more leaves it in force for the others only", () => {
    expect(told(file(), [applied({ ...maven, masters: ["gone", "mobile"] })]).faults).toEqual([]);
    expect(told(file(), [applied({ ...maven, masters: ["gone"] })]).faults).toEqual([
      expect.stringContaining("maven masters leaves no master of the configuration (backend, mobile)"),
    ]);
  });

  test("its slaves together are capped, also those of templates that are no more", () => {
    const part = file([], { sources: { applied: { maxSlaves: 3 }, ...teams({ ...grant, maxSlaves: 5 }) } });
    expect(bookOf(part, [applied(maven), inMap("team-a", maven)]).templates.map(({ config }) => config.shared)).toEqual(
      [
        { group: "the applied templates", maxSlaves: 3 },
        { group: "the templates of namespace team-a", prefix: "team-a/", maxSlaves: 5 },
      ],
    );
  });
});

describe("what goes before the templates of others", () => {
  const faultsOf = (said: object, grants: object = {}) =>
    told(file([], { sources: teams({ namespace: "team-a", ...grants }) }), [inMap("team-a", { ...maven, ...said })])
      .faults;
  const where = "of namespace team-a in templateSources.configMaps";

  test.each<[string, object, object, string[]]>([
    ["nothing is said", {}, {}, []],
    ["less than the usual", { weight: 0.5, priority: -1 }, {}, []],
    ["as much as is granted", { weight: 3, priority: 5 }, { weight: 3, priority: 5 }, []],
    [
      "more than the usual",
      { weight: 2, priority: 1 },
      {},
      [
        `team-a/maven weight is 2, and weight ${where} grants 1; lower it, or have it granted`,
        `team-a/maven priority is 1, and priority ${where} grants 0; lower it, or have it granted`,
      ],
    ],
    [
      "less than the usual is granted, and nothing said",
      {},
      { priority: -10 },
      [`team-a/maven priority is 0, and priority ${where} grants -10; lower it, or have it granted`],
    ],
  ])("is granted: %s", (_, said, grants, faults) => expect(faultsOf(said, grants)).toEqual(faults));
});

describe("slaves that are kept idle", () => {
  const idle = inMap("team-a", { ...maven, warm: [{ minIdle: 2 }] });
  const faultsWith = (grants: object) =>
    told(file([], { sources: teams({ namespace: "team-a", ...grants }) }), [idle]).faults;

  test("are kept only where that is granted", () => {
    expect(faultsWith({ warm: true })).toEqual([]);
    const refusal =
      "team-a/maven warm is not granted by warm of namespace team-a in templateSources.configMaps; remove it, or have it granted";
    expect(faultsWith({})).toEqual([refusal]);
    expect(faultsWith({ warm: false })).toEqual([refusal]);
  });

  test("are none of a template of the file that one of a team takes over, too, unless it is granted", () => {
    const parent = { ...maven, name: "base", labels: [], warm: [{ minIdle: 2 }] };
    const part = file([parent], { sources: teams({ namespace: "team-a" }) });
    const heir = (more: object) => inMap("team-a", { ...maven, inheritFrom: ["base"], ...more });
    expect(told(part, [heir({})]).faults).toHaveLength(1);
    expect(told(part, [heir({ warm: null })]).faults).toEqual([]);
  });
});

describe("pods that are kept", () => {
  const part = (grants: object) => file([], { sources: teams({ namespace: "team-a", ...grants }) });
  const keeping = (more: object) => inMap("team-a", { ...maven, retain: "always", ...more });

  test.each<[string, object, object, string[]]>([
    ["within the usual grant", {}, { retainMax: 10 }, []],
    [
      "beyond it",
      {},
      { retainMax: 11 },
      [
        "team-a/maven retainMax is 11, and retainMax of namespace team-a in templateSources.configMaps grants 10; lower it, or have it granted",
      ],
    ],
    ["within one that is higher", { retainMax: 20 }, { retainMax: 11 }, []],
    [
      "where none may be",
      { retainMax: 0 },
      {},
      [
        "team-a/maven retain is not granted by retainMax of namespace team-a in templateSources.configMaps; remove it, or have it granted",
      ],
    ],
    ["where none may be, and none is", { retainMax: 0 }, { retain: "never" }, []],
  ])("%s", (_, grant, more, faults) => {
    expect(told(part(grant), [keeping(more)]).faults).toEqual(faults);
  });

  test("of one source are capped together, and those of the file only by themselves", () => {
    const both = file([{ ...maven, retain: "always" }], { sources: teams({ namespace: "team-a", retainMax: 3 }) });
    const { templates } = bookOf(both, [keeping({ retainMax: 3 })]);
    expect(templates.map(({ config }) => config.retainedTogether)).toEqual([
      undefined,
      { group: "the templates of namespace team-a", retainMax: 3 },
    ]);
  });
});

describe("whatever is written", () => {
  let deep: unknown = [];
  for (let level = 0; level < 20_000; level += 1) deep = [deep];
  test.each<[string, unknown, RegExp]>([
    ["nothing", null, /^null {2}must be keys and values|Invalid input/],
    ["a text", "maven", /Invalid input/],
    ["an entry without a name", { image: "i" }, /^null name/],
    ["an unknown key", { ...maven, imgae: "x" }, /^team-a\/maven imgae is not a known key/],
    ["something deep", { ...maven, pod: deep }, /nested deeper than 64 levels/],
    ["something long", { ...maven, env: { A: "x".repeat(70_000) } }, /longer than 64 KiB/],
    [
      "a name that is too long with its namespace",
      { ...maven, name: "n".repeat(95) },
      /more than 100 characters with its namespace/,
    ],
  ])("%s is refused, and disturbs nothing else", (_, value, fault) => {
    const part = file([maven], { sources: teams({ namespace: "team-a" }) });
    const { names, faults } = told(part, [inMap("team-a", value), inMap("team-a", { ...maven, name: "good" })]);
    expect(names).toEqual(["maven file", "team-a/good configmap:team-a/ci#t.yaml"]);
    expect(faults).toEqual([expect.stringMatching(fault)]);
  });
});
