import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfiguration } from "@kubestack/configuration";
import { samples } from "@kubestack/import/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runImport } from "./imports.fixture.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-import-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const file = async (text: string): Promise<string> => {
  const path = join(dir, "given.yaml");
  await writeFile(path, text);
  return path;
};

describe.each(samples)("$name", ({ name, verb, file: sample }) => {
  const expected = new URL(`./expected/${name}`, import.meta.url).pathname;

  test("comes to this configuration and this report", async () => {
    const { code, out, err } = await runImport(verb, sample, "-o", "wide");
    expect(code).toBe(0);
    await expect(out).toMatchFileSnapshot(`${expected}.result.yaml`);
    await expect(err).toMatchFileSnapshot(`${expected}.report.txt`);
  });

  test("is taken by our own configuration", async () => {
    const { out } = await runImport(verb, sample);
    const rest = verb === "jcasc" ? "" : "kubernetes: { namespace: ci }\nmasters: [{ name: main, type: external }]\n";
    const { configuration } = await readConfiguration({ file: await file(rest + out), environment: {} });
    expect(configuration.templates.length).toBeGreaterThan(0);
  });

  test("as data is the same", async () => {
    const { out, err } = await runImport(verb, sample, "-o", "json");
    const { configuration, report } = JSON.parse(out);
    expect(err).toBe("");
    const { exact, changed, lost } = report.counts;
    expect((await runImport(verb, sample)).err).toContain(`\n${exact} exact, ${changed} changed, ${lost} lost\n`);
    expect(configuration.templates.length).toBeGreaterThan(0);
    expect(report.faults).toEqual([]);
  });
});

test("at a terminal the report tells what is changed or lost, and counts the rest", async () => {
  for (const { verb, file: sample } of samples) {
    const [short, whole] = [await runImport(verb, sample), await runImport(verb, sample, "-o", "wide")];
    expect(short.out).toBe(whole.out);
    const of = (err: string, verdict: string): string[] =>
      err.split("\n").flatMap((line) => (line.startsWith(`  ${verdict}`) ? [line.split(/ +/)[2] ?? ""] : []));
    expect(of(short.err, "changed")).toEqual(of(whole.err, "changed"));
    expect(of(short.err, "lost")).toEqual(of(whole.err, "lost"));
    const counted = of(short.err, "exact").reduce((sum, count) => sum + Number(count), 0);
    expect(counted).toBe(of(whole.err, "exact").length);
  }
});

test("the report goes into a file where one is named", async () => {
  const [sample] = samples;
  const path = join(dir, "report.txt");
  const { out, err } = await runImport("jcasc", sample?.file ?? "", "--report", path);
  expect(err).toBe("");
  expect(out).toContain("templates:");
  expect(await readFile(path, "utf8")).toMatch(/^cloud .*\n[\s\S]*\d+ exact, \d+ changed, \d+ lost\n$/);
});

describe("what can't be imported is told in one sentence:", () => {
  test.each<[string, string, RegExp]>([
    ["no YAML", "a: [", /given\.yaml is no YAML: line 1, column \d+: /],
    ["two documents", "a: 1\n---\nb: 2", /begins a second document/],
    ["a text", "hello", /holds no keys and values, so it is no configuration-as-code: Jenkins exports its own under/],
    ["nothing", "", /holds no keys and values/],
    ["another program's", "services: {}", /is no configuration-as-code \(it has no key jenkins\)/],
    [
      "no cloud",
      "jenkins: { numExecutors: 0 }",
      /has no cloud of the Kubernetes plugin \(jenkins\.clouds\[\]\.kubernetes\)/,
    ],
    [
      "another plugin's cloud",
      "jenkins: { clouds: [{ docker: { name: a } }] }",
      /has no cloud of the Kubernetes plugin/,
    ],
    ["clouds that are no list", "jenkins: { clouds: { kubernetes: {} } }", /has no cloud of the Kubernetes plugin/],
    [
      "the chart's values",
      "controller: { image: {} }\nagent: { enabled: true }",
      /are values of the Jenkins chart .*kubectl get configmap/,
    ],
    [
      "a bomb",
      `a: &a [x]\n${Array.from({ length: 20 }, (_, at) => `b${at}: &b${at} [${`*${at === 0 ? "a" : `b${at - 1}`},`.repeat(20)}]`).join("\n")}`,
      /aliases that can't be followed/,
    ],
  ])("%s", async (_, text, sentence) => {
    const { code, out, err } = await runImport("jcasc", await file(text));
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^kubestackcmd: [^\n]+\.\n$/);
    expect(err).toMatch(sentence);
  });

  test.each<[string, string, RegExp]>([
    ["a configuration-as-code", "jenkins: {}", /is a configuration-as-code, no pod: see kubestackcmd import jcasc/],
    ["a Jenkinsfile", "pipeline {\n  agent any\n}", /given\.yaml /],
    ["another object", "kind: Deployment\nspec: {}", /is of kind Deployment, and must be a Pod/],
    ["neither spec nor metadata", "containers: []", /has neither spec nor metadata/],
  ])("no pod but %s", async (_, text, sentence) => {
    const { code, out, err } = await runImport("pod-template", await file(text));
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(sentence);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  test("a file that is not there", async () => {
    const { code, err } = await runImport("jcasc", join(dir, "nowhere.yaml"));
    expect(code).toBe(1);
    expect(err).toMatch(
      /^kubestackcmd: .*nowhere\.yaml can't be read \(ENOENT.*\): name a file, or - for the input\.\n$/,
    );
  });

  test("a cloud that is not there, or a label that can't be", async () => {
    const [sample] = samples;
    const cloud = await runImport("jcasc", sample?.file ?? "", "--cloud", "nowhere");
    expect(cloud.err).toMatch(/has no cloud nowhere: it has /);
    const pod = samples.find(({ verb }) => verb === "pod-template");
    expect((await runImport("pod-template", pod?.file ?? "", "--labels", 'a"b')).err).toContain('--labels has a"b');
  });

  test("a report that can't be written", async () => {
    const { code, err } = await runImport("jcasc", samples[0]?.file ?? "", "--report", join(dir, "no", "folder"));
    expect(code).toBe(1);
    expect(err).toMatch(/^kubestackcmd: The report can't be written to /);
  });
});

test("a pod's template has the name and labels that are asked for", async () => {
  const pod = samples.find(({ name }) => name === "pod-agent-alone");
  const { out } = await runImport(
    "pod-template",
    pod?.file ?? "",
    "--name",
    "shop",
    "--labels",
    "shop, jdk21",
    "-o",
    "json",
  );
  expect(JSON.parse(out).configuration.templates[0]).toMatchObject({ name: "shop", labels: ["shop", "jdk21"] });
});

test("another container is the agent's where it is asked for", async () => {
  const pod = samples.find(({ name }) => name === "pod-side-containers");
  const { out } = await runImport("pod-template", pod?.file ?? "", "--agent-container", "node", "-o", "json");
  const [template] = JSON.parse(out).configuration.templates;
  expect(template).toMatchObject({ agentContainer: "node", image: "node:22" });
  expect(template.command).toBeUndefined();
  expect(template.pod.spec.containers.map(({ name }: { name: string }) => name)).toEqual(["node", "docker"]);
});
