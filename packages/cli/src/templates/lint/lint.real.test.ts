import { type ControlPlane, startControlPlane } from "@kubestack/real-parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { call, configurationFile, folder } from "../files.fixture.ts";
import type { LintFinding } from "./finding.ts";

let plane: ControlPlane;
let files: Awaited<ReturnType<typeof folder>>;

beforeAll(async () => {
  files = await folder();
  plane = await startControlPlane({ controllers: false });
  await namespace("ci-agents", { enforce: "restricted" });
  await namespace("warned", { enforce: "privileged", warn: "restricted" });
  await namespace("full", {});
  const path = "/api/v1/namespaces/full/resourcequotas";
  const hard = { "requests.memory": "2Gi", pods: "5" };
  await plane.json(path, { method: "POST", body: { metadata: { name: "ci" }, spec: { hard } } });
  const status = { hard, used: { "requests.memory": "1536Mi", pods: "1" } };
  const contentType = "application/merge-patch+json";
  await plane.json(`${path}/ci/status`, { method: "PATCH", contentType, body: { status } });
});

afterAll(async () => {
  await plane?.stop();
  await files.remove();
});

async function namespace(name: string, levels: Readonly<Record<string, string>>): Promise<void> {
  const labels = Object.fromEntries(
    Object.entries(levels).map(([mode, level]) => [`pod-security.kubernetes.io/${mode}`, level]),
  );
  await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name, labels } } });
}

type Entry = Readonly<Record<string, unknown>>;
const maven = { name: "maven", labels: ["maven"], image: "maven:3.9" };
const containers = (jnlp: Entry) => ({ spec: { containers: [{ name: "jnlp", ...jnlp }] } });

function written(templates: readonly Entry[], kubernetes: Entry = {}): Promise<string> {
  const cluster = { namespace: "ci-agents", kubeconfig: plane.adminKubeconfig, ...kubernetes };
  return files.write(configurationFile({ defaults: {}, templates, kubernetes: cluster }));
}

const lint = async (file: string, ...args: string[]) => call(["templates", "lint", "--config", file, ...args]);

/** What is found of templates, as lines. */
async function found(templates: readonly Entry[], kubernetes: Entry = {}): Promise<{ code: number; lines: string[] }> {
  const { code, out } = await lint(await written(templates, kubernetes), "-o", "json");
  const { findings } = JSON.parse(out) as { findings: LintFinding[] };
  return { code, lines: findings.map(({ level, template, sentence }) => `${level} ${template} ${sentence}`) };
}

describe("against a real API server", () => {
  test("a template that keeps to the restricted standard is taken, and nothing is made", async () => {
    const { code, out, err } = await lint(
      await written([maven, { name: "base" }, { ...maven, name: "b", labels: ["b"] }]),
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const taken = `the API server at ${plane.url} takes its pods in`;
    expect(out.replaceAll(/\s+/g, " ")).toContain(`ok maven ${taken} namespace ci-agents`);
    expect(out).toMatch(
      /\nWARN {2}base {3}has no labels, and no template inherits from it: nothing comes of it\nok [\s\S]*\n0 failed, 1 warning\n$/,
    );
    expect(await plane.json("/api/v1/namespaces/ci-agents/pods")).toMatchObject({ items: [] });
  });

  test("what the namespace's Pod Security does not allow is told, though the template itself allows it", async () => {
    const pod = { spec: { volumes: [{ name: "host", hostPath: { path: "/var" } }] } };
    const { code, lines } = await found([{ ...maven, pod, allow: ["hostPath"] }]);
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^FAIL maven is refused: violates PodSecurity "restricted:latest": .*hostPath/),
    ]);
  });

  test("a field that no API server knows is told, with the template that says it", async () => {
    const base = { name: "base", pod: containers({ imagePulPolicy: "Always" }) };
    const { code, lines } = await found([base, { ...maven, inheritFrom: ["base"] }]);
    expect(code).toBe(1);
    expect(lines).toEqual(['FAIL maven is refused: unknown field "spec.containers[0].imagePulPolicy" (base says so)']);
  });

  test("what the API server finds wrong is told; other templates are judged all the same", async () => {
    const wrong = { ...maven, name: "wrong", labels: ["w"], pod: containers({ ports: [{ containerPort: 70_000 }] }) };
    const noClass = { ...maven, name: "class", labels: ["c"], pod: { spec: { priorityClassName: "no-such" } } };
    const { code, lines } = await found([wrong, noClass, maven]);
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(
        /^FAIL wrong is refused: spec\.containers\[0\]\.ports\[0\]\.containerPort: Invalid value: 70000/,
      ),
      "FAIL class is refused: no PriorityClass with name no-such was found",
      expect.stringMatching(/^ok maven /),
    ]);
  });

  test("warnings of the API server are shown", async () => {
    const pod = { spec: { volumes: [{ name: "host", hostPath: { path: "/var" } }] } };
    const { code, lines } = await found([{ ...maven, pod, allow: ["hostPath"] }], { namespace: "warned" });
    expect(code).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(
        /^WARN maven the API server warns: would violate PodSecurity "restricted:latest": .*hostPath/,
      ),
    ]);
  });

  test("a quota that is used up is a warning; one that it would never fit in is none", async () => {
    const large = { ...maven, name: "large", labels: ["l"], memory: "4Gi" };
    const sized = { ...maven, name: "sized", labels: ["s"], memory: "256Mi", overrides: { memory: { max: "3Gi" } } };
    const { code, lines } = await found([maven, large, sized], { namespace: "full" });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(
        /^WARN maven there is no room for it now, but there will be \(exceeded quota: ci, requested: requests.memory=1Gi/,
      ),
      expect.stringMatching(/^FAIL large is refused: exceeded quota: ci/),
      expect.stringMatching(/^FAIL sized as large as may be asked for \(memory=3Gi\): is refused: exceeded quota/),
    ]);
  });

  test("masters whose pods are unlike are tried each", async () => {
    const masters = ["a", "b", "c"].map((name) => ({
      name,
      type: "external",
      podLabels: name === "b" ? { x: "-bad-" } : {},
    }));
    const kubernetes = { namespace: "ci-agents", kubeconfig: plane.adminKubeconfig };
    const file = await files.write(configurationFile({ defaults: {}, masters, kubernetes, templates: [maven] }));
    const { out } = await lint(file);
    expect(out.match(/FAIL/g)).toHaveLength(1);
    expect(out).toContain("FAIL  maven  for master b: is refused: metadata.labels: Invalid value");
  });

  test("only those that are named are looked at", async () => {
    const file = await written([maven, { ...maven, name: "gradle", labels: ["gradle"], image: "gradle" }]);
    expect((await lint(file, "maven")).out).not.toContain("gradle");
    expect(await lint(file, "gradel")).toMatchObject({ code: 2, err: expect.stringContaining("did you mean gradle?") });
  });

  test("another cluster is asked where one is named", async () => {
    const nowhere = { kubeconfig: undefined, url: "https://127.0.0.1:1", token: "env:TOKEN" };
    const file = await written([maven], nowhere);
    expect((await lint(file, "--kubeconfig", plane.adminKubeconfig)).code).toBe(0);
  });
});

describe("what can't be judged exits 2, with one sentence, after what was found", () => {
  const sentence = /^kubestackcmd: [^\n]*\n$/;

  test.each<[string, Entry, string]>([
    [
      "a cluster that is not there",
      { kubeconfig: undefined, url: "https://127.0.0.1:1", token: "file:/dev/null" },
      "127.0.0.1:1",
    ],
    ["a namespace that is not there", { namespace: "nowhere" }, 'namespaces "nowhere" not found'],
    ["a kubeconfig that is not there", { kubeconfig: "/nowhere" }, "/nowhere cannot be read"],
  ])("%s", async (_, kubernetes, words) => {
    const file = await written([{ ...maven, image: "maven" }], kubernetes);
    const { code, out, err } = await lint(file);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(sentence) });
    expect(err).toContain(words);
    expect(out).toMatch(/names no tag[\s\S]*\n0 failed, 1 warning; it was not judged as a whole\n$/);
    const offline = await lint(file, "--offline");
    expect([offline.code, offline.out]).toEqual([0, expect.stringMatching(/; no API server was asked\n$/)]);
  });

  test("an account that may make no pods", async () => {
    const token = await plane.serviceAccountToken({ namespace: "ci-agents", name: "nobody" });
    const kubeconfig = await plane.kubeconfigFor(token, "nobody");
    const { code, err } = await lint(await written([maven], { kubeconfig }));
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(sentence) });
    expect(err).toContain("grant the right to this account");
  });

  test("a file that is not there", async () => {
    expect(await lint("/nowhere.yaml")).toMatchObject({
      code: 2,
      out: "0 failed, 0 warnings; it was not judged as a whole\n",
      err: expect.stringMatching(sentence),
    });
  });
});

test("a file with faults is a finding: each is told with its path, and nothing else is judged", async () => {
  const file = await files.write(
    configurationFile({ templates: [{ name: "a", labels: ["a"], cpu: "many", memory: "much" }] }),
  );
  const { code, out, err } = await lint(file);
  expect({ code, err }).toEqual({ code: 1, err: "" });
  expect(out).toContain("templates[0].cpu");
  expect(out).toContain("templates[0].memory");
  expect(out).toMatch(/\n1 failed, 0 warnings; nothing else is judged without a sound file\n$/);
  const data = parse((await lint(file, "-o", "yaml")).out) as { findings: LintFinding[] };
  expect(data.findings).toMatchObject([{ level: "FAIL", template: null }]);
});
