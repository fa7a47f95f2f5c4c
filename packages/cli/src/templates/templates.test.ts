import type { Bus } from "@kubestack/bus";
import type { KnownTemplate, Plan, TemplateBookTold } from "@kubestack/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { call, configurationFile, folder } from "./files.fixture.ts";

let files: Awaited<ReturnType<typeof folder>>;
let file: string;
beforeAll(async () => {
  files = await folder();
  file = await files.write(configurationFile());
});
afterAll(() => files.remove());

/** NATS with nothing in it but plans, and what slave-supervisors tell. */
function busWith(plans: readonly Partial<Plan>[], books: readonly Partial<TemplateBookTold>[] = []): Bus {
  return {
    history: async () => plans.map((data) => ({ data })),
    requestAll: async () => books.map((book) => ({ templates: [], faults: [], moreFaults: 0, ...book })),
    close: async () => undefined,
  } as unknown as Bus;
}
const standing = { unlabelled: false, maxSlaves: null };
const held = { until: Date.UTC(2026, 0, 1, 0, 10), because: "3 launches failed" };
const plan = { master: "backend", templates: [{ ...standing, name: "maven", labels: ["maven"], held }] };

describe("templates", () => {
  test("are listed from the file alone, with what they stand on; that NATS is not reached is told", async () => {
    const { code, out, err } = await call(["templates", "--config", file]);
    expect(code).toBe(0);
    expect(out).toBe(`TEMPLATE  LABELS              IMAGE      CPU MEMORY DISK  STANDS ON
base      none: not launched  –          500m 1Gi 2Gi     –
maven     maven jdk21         maven:3.9  500m 4Gi 2Gi     base
gradle    gradle              gradle:9   500m 1Gi 2Gi     –
worker    (and none)          worker:1   500m 1Gi 2Gi     –
`);
    expect(err).toBe("Whether one is held is not known: NATS can't be reached.\n");
  });

  test("that are held say where, until when and why; as data with all that is known", async () => {
    const { out, err } = await call(["list_templates", "--config", file], { bus: busWith([plan]) });
    expect(err).toBe("");
    expect(out).toMatch(/\n\nmaven is held at backend until .*: 3 launches failed\n$/);
    const data = JSON.parse((await call(["templates", "--config", file, "-o", "json"], { bus: busWith([plan]) })).out);
    expect(data[1]).toEqual({
      name: "maven",
      labels: ["maven", "jdk21"],
      unlabelled: false,
      jobs: ["**"],
      image: "maven:3.9",
      size: { cpu: "500m", memory: "4Gi", disk: "2Gi" },
      standsOn: ["base"],
      from: file,
      applied: null,
      faults: [],
      held: [{ master: "backend", until: "2026-01-01T00:10:00.000Z", because: "3 launches failed" }],
    });
  });

  test("that are kept to jobs say to which", async () => {
    const templates = [
      { name: "gpu", labels: ["gpu"], image: "gpu:1", jobs: ["mobile/**", "shop/api"] },
      { name: "maven", labels: ["maven"], image: "maven:3" },
    ];
    const limited = await files.write(configurationFile({ templates }));
    const { out } = await call(["templates", "--config", limited]);
    expect(out.split("\n").map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ["TEMPLATE", "LABELS", "JOBS"],
      ["gpu", "gpu", "mobile/** shop/api"],
      ["maven", "maven", "**"],
      [""],
    ]);
  });

  const serves = { unlabelled: false, masters: ["*"] };
  const inForce: KnownTemplate[] = [
    { ...serves, name: "maven", from: "file", labels: ["maven"], image: "maven:3.9" },
    { ...serves, name: "rust", from: "applied", labels: ["rust"], image: "rust:1", applied: { by: "ann", at: 0 } },
    { ...serves, name: "team-a/go", from: "configmap:team-a/ci#go.yaml", labels: ["go"], image: null },
  ];
  const faults = [
    { from: "configmap:team-a/ci#t.yaml", template: "team-a/root", sentence: "template team-a/root is wrong; mend it" },
    { from: "configmap:team-b/*#*", template: null, sentence: "the ConfigMaps of namespace team-b can't be read" },
  ];
  const running = busWith([plan], [{ templates: inForce, faults, moreFaults: 1 }]);

  test("without a file, or where it is asked for, are those in force, where each comes from, and what is wrong", async () => {
    const { code, out, err } = await call(["templates"], { bus: running });
    expect(code).toBe(0);
    const lines = out.split("\n");
    expect(lines.slice(0, 6).map((line) => line.split(/ {2,}/))).toEqual([
      ["TEMPLATE", "LABELS", "IMAGE", "FROM"],
      ["maven", "maven", "maven:3.9", "file"],
      ["rust", "rust", "rust:1", expect.stringMatching(/^applied by ann, 1970-01-01 \d\d:\d\d$/)],
      ["team-a/go", "go", "–", "ConfigMap team-a/ci#go.yaml"],
      ["team-a/root", "left out: see below", "–", "ConfigMap team-a/ci#t.yaml"],
      ["–", "left out: see below", "–", "ConfigMaps of team-b"],
    ]);
    expect(lines.slice(6, 10)).toEqual([
      "",
      "FIX  template team-a/root is wrong; mend it",
      "FIX  the ConfigMaps of namespace team-b can't be read",
      "",
    ]);
    expect(lines[10]).toMatch(/^maven is held at backend until/);
    expect(err).toBe("1 more fault is not shown.\n");
    for (const args of [["list"], ["list", "--running", "--config", file]])
      expect((await call(["templates", ...args], { bus: running })).out).toBe(out);
    const data = JSON.parse((await call(["templates", "-o", "json"], { bus: running })).out);
    expect(data).toHaveLength(5);
    expect(data[1]).toMatchObject({
      ...{ name: "rust", image: "rust:1", from: "applied", faults: [] },
      applied: { by: "ann", at: "1970-01-01T00:00:00.000Z" },
    });
    expect(data[4]).toMatchObject({ name: null, faults: ["the ConfigMaps of namespace team-b can't be read"] });
  });

  test("of a file are told to be not all there is, where the services have others", async () => {
    const { out, err } = await call(["templates", "--config", file], { bus: running });
    expect(out).toMatch(/^TEMPLATE .*\nbase /);
    expect(err).toBe(
      "The services have 2 templates from elsewhere than the file, and 3 faults of others: --running shows all.\n",
    );
  });

  test("where no supervisor tells them are those of the newest plans, and that is said", async () => {
    const { code, out, err } = await call(["templates"], { bus: busWith([plan]) });
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^TEMPLATE {2}LABELS {2}FROM\nmaven {5}maven {3}what runs\n\nmaven is held at backend/),
    ]);
    expect(err).toBe("No slave-supervisor tells where they come from: these were in force last.\n");
    expect(await call(["templates"])).toMatchObject({ code: 1, err: "kubestackcmd: NATS can't be reached.\n" });
  });
});

describe("templates render", () => {
  const render = (...args: string[]) => call(["templates", "render", ...args, "--config", file]);

  test("prints the pod as it would be sent, with stand-ins for what only a launch knows", async () => {
    const { code, out, err } = await render("maven");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^# The pod of a slave of template maven, for a build of master backend\.\n# at-launch stands/);
    const pod = parse(out);
    expect(pod).toMatchObject({
      metadata: { name: "ks-backend-at-launch", namespace: "ci-agents", labels: { net: "ci" } },
      spec: { nodeSelector: { pool: "ci" }, priorityClassName: "builds", restartPolicy: "Never" },
    });
    expect(pod.metadata.annotations).toMatchObject({
      "kubestack.io/install": "prod-eu",
      "kubestack.io/labels": '["maven","jdk21"]',
      "kubestack.io/number": "at-launch",
    });
    const [data, yaml] = [await render("maven", "-o", "json"), await render("maven", "-o", "yaml")];
    expect(JSON.parse(data.out)).toEqual(pod);
    expect(yaml.out).toMatch(/^apiVersion: v1\n/);
    expect(parse(yaml.out)).toEqual(pod);
  });

  test("is for the master that is named; one that attaches by itself has no Secret", async () => {
    const { out } = await render("maven", "--master", "workers");
    const { spec, metadata } = parse(out);
    expect(metadata).toMatchObject({ name: "ks-workers-at-launch", labels: { "kubestack.io/master": "workers" } });
    expect(spec.volumes).toEqual([{ name: "workspace", emptyDir: {} }]);
    expect(spec.containers[0].env).toContainEqual({ name: "KUBESTACK_ITEM", value: "at-launch" });
  });

  test("--origin says of each value whose word it is", async () => {
    const { out } = await render("maven", "--origin");
    const owner = (line: string) =>
      out
        .split("\n")
        .find((one) => one.trim().startsWith(line))
        ?.split("   # ")[1];
    expect({
      image: owner("image:"),
      pool: owner("pool:"),
      cpu: owner("cpu:"),
      user: owner("runAsUser:"),
      grace: owner("terminationGracePeriodSeconds:"),
      class: owner("priorityClassName:"),
      net: owner("net:"),
      name: owner("name: ks-"),
      namespace: owner("namespace:"),
    }).toEqual({
      image: "maven",
      pool: "base",
      cpu: "(usual)",
      user: "(restricted)",
      grace: "(kubestack)",
      class: "(defaults.template)",
      net: "(podLabels of master backend)",
      name: "(known at launch)",
      namespace: "(kubernetes.namespace)",
    });
    const paths = JSON.parse((await render("maven", "--origin", "-o", "json")).out);
    expect(paths).toMatchObject({
      "spec.containers[jnlp].image": "template maven",
      "spec.containers[jnlp].env[KUBESTACK_AGENT_NAME].value": "known at launch",
      "spec.containers[jnlp].env[KUBESTACK_AGENT_URL].value": "kubestack",
    });
  });

  test("a template that nothing is launched from is shown all the same, and that is said", async () => {
    expect((await render("base")).out).toContain("\n# Nothing is launched from it, since it has no labels.\n");
  });

  test.each<[string[], string]>([
    [["mavn"], "has no template 'mavn'; did you mean maven?\n"],
    [["python"], "has no template 'python'; there are base, maven, gradle, worker.\n"],
    [["gradle", "--master", "backnd"], "Template gradle serves no master 'backnd'; did you mean backend?\n"],
    [["gradle", "--master", "workers"], "Template gradle serves no master 'workers'; there is backend.\n"],
  ])("%j is told in one sentence", async (args, sentence) => {
    const { code, out, err } = await render(...args);
    expect([code, out, err]).toEqual([1, "", expect.stringMatching(/^kubestackcmd: [^\n]*\n$/)]);
    expect(err).toContain(sentence);
  });

  test("a file that is missing, and one with faults, are told as everywhere", async () => {
    const missing = await call(["templates", "render", "maven", "--config", "/nowhere.yaml"]);
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("can't be read (ENOENT")]);
    const broken = await files.write(configurationFile({ templates: [{ name: "a", labels: ["a"], cpu: "many" }] }));
    const { code, err } = await call(["templates", "render", "a", "--config", broken]);
    expect([code, err]).toEqual([1, expect.stringContaining("templates[0].cpu")]);
    const none = await call(["templates", "render", "a", "--origin"]);
    expect([none.code, none.err]).toEqual([1, expect.stringContaining("name it with --config FILE")]);
  });
});
