import type { Bus } from "@kubestack/bus";
import { KubestackError } from "@kubestack/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, configurationFile, folder } from "../files.fixture.ts";

let files: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  files = await folder();
});
afterAll(() => files.remove());

const maven = { name: "maven", labels: ["maven"], image: "maven:3.9", builds: 2 };
const written = (template: Readonly<Record<string, unknown>> = maven, rest = {}) =>
  files.write(configurationFile({ templates: [template], ...rest }));

/** NATS with a slave-supervisor that has the templates of a file, as its own release makes them. */
async function running(file: string, asked: object[] = []): Promise<Bus> {
  const settings = {
    labels: ["maven"],
    unlabelled: false,
    agentContainer: "jnlp",
    inject: "auto",
    workDir: "/home/jenkins/agent",
  };
  const times = { schedule: "10m", pull: "10m", start: "5m", connect: "2m" };
  const kept = { retain: "never", retainFor: "1h", retainMax: 5, weight: 1, priority: 0 };
  const rest = { ...kept, builds: 2, maxAge: "8h", idleTimeout: "5m", timeouts: times, masters: ["*"] };
  const pod = JSON.parse((await call(["templates", "render", "maven", "--config", file, "-o", "json"])).out);
  const request = async (_: unknown, what: { template: string }) => {
    asked.push(what);
    return { template: what.template === "maven" ? { pod, settings: { ...settings, ...rest } } : null };
  };
  return { request, close: async () => undefined } as unknown as Bus;
}

const diff = (file: string, bus: Bus | undefined, ...args: string[]) =>
  call(["templates", "render", "--diff", "--config", file, ...args], bus === undefined ? {} : { bus });

describe("compared with what runs, a template", () => {
  test("that is the same changes nothing, and exits 0", async () => {
    const file = await written();
    const asked: object[] = [];
    const { code, out, err } = await diff(file, await running(file, asked), "maven");
    expect({ code, err, out }).toEqual({
      code: 0,
      err: "",
      out: "maven is as it runs for master backend: nothing changes.\n",
    });
    expect(asked).toEqual([{ master: "backend", template: "maven" }]);
  });

  test("that is another one shows in what, and exits 1", async () => {
    const bus = await running(await written());
    const file = await written({ ...maven, builds: 5, image: "maven:4" });
    const { code, out } = await diff(file, bus, "maven");
    expect(code).toBe(1);
    expect(out.split("\n").filter((line) => /^(?:[-+]|@@)/.test(line))).toEqual([
      "--- what runs: backend, maven, settings",
      expect.stringMatching(/^\+\+\+ \d+\.yaml: backend, maven, settings$/),
      "@@ -1,5 +1,5 @@",
      "-builds: 2",
      "+builds: 5",
      "--- what runs: backend, maven, pod",
      expect.stringMatching(/^\+\+\+ \d+\.yaml: backend, maven, pod$/),
      expect.stringMatching(/^@@ -\d+,7 \+\d+,7 @@$/),
      "-      image: maven:3.9",
      "+      image: maven:4",
    ]);
    const data = JSON.parse((await diff(file, bus, "maven", "-o", "json")).out);
    expect(data).toEqual({ template: "maven", master: "backend", isRunning: true, changed: true, diff: out });
  });

  test("is of the installation that runs, where the file does not say which it is", async () => {
    const bus = await running(await written());
    expect((await diff(await written(maven, { install: undefined }), bus, "maven")).code).toBe(0);
  });

  test("that does not run yet is new as a whole", async () => {
    const bus = await running(await written());
    const { code, out } = await diff(await written({ ...maven, name: "maven4" }), bus, "maven4");
    expect(code).toBe(1);
    expect(out).toMatch(
      /^--- nothing runs: backend has no maven4\n\+{3} .*\n@@ -0,0 \+1,\d+ @@\n\+agentContainer: jnlp\n/,
    );
    expect(out.split("\n").filter((line) => line.startsWith("-"))).toHaveLength(2);
  });
});

describe("what can't be compared exits 2, with one sentence", () => {
  const refuses = { request: () => Promise.reject(new KubestackError("bus-unavailable", "Nobody answers.")) };
  test.each<[string, string[], Bus | undefined, string]>([
    ["no NATS", ["maven"], undefined, "NATS can't be reached."],
    ["no supervisor", ["maven"], { ...refuses, close: async () => undefined } as unknown as Bus, "Nobody answers."],
    ["no such template", ["mavn"], undefined, "did you mean maven?"],
    ["no such master", ["maven", "--master", "x"], undefined, "there are backend, workers."],
  ])("%s", async (_, args, bus, words) => {
    const { code, out, err } = await diff(await written(), bus, ...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^kubestackcmd: [^\n]*\n$/);
    expect(err).toContain(words);
  });

  test("a file that is not there", async () => {
    expect((await diff("/nowhere.yaml", undefined, "maven")).code).toBe(2);
  });
});
