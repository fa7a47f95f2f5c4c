import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfiguration } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "kubestack-templates-"));
const file = join(folder, "config.yaml");
afterAll(() => rmSync(folder, { recursive: true }));

const rest = { kubernetes: { namespace: "ci" }, masters: [{ name: "m", url: "http://ci/", token: "env:TOKEN" }] };
const good = { name: "good", labels: ["good"], image: "i" };
const bad = { name: "bad", labels: ["bad"], image: "i" };

/** What is told of a file, each fault as `path: value message`; none of a sound one. Anything but a KubestackError is raised. */
async function faultsOfText(text: string): Promise<string[]> {
  writeFileSync(file, text);
  try {
    await loadConfiguration({ file, environment: {} });
    return [];
  } catch (error) {
    if (!(error instanceof KubestackError)) throw error;
    expect(error.code).toBe("invalid-config");
    const [, ...lines] = error.message.replaceAll("\n      ", ": ").split("\n");
    return lines.map((line) => line.trim());
  }
}
const faultsOf = (templates: unknown) => faultsOfText(JSON.stringify({ ...rest, templates }));
const withPod = (spec: unknown) => faultsOf([{ ...bad, pod: { spec } }, good]);
/** One fault, with these parts in their order. */
const told = (...parts: string[]) => [
  expect.stringMatching(new RegExp(`^${parts.map((one) => one.replace(/[[\]().$^*+?]/g, "\\$&")).join(".*")}`)),
];

describe("names that are KubeStack's, or of something else in the pod", () => {
  const mount = (name: string, mountPath: string) => ({
    containers: [{ name: "jnlp", volumeMounts: [{ name, mountPath }] }],
  });
  test.each<[string, unknown, string, string]>([
    [
      "a volume like that of the agent's secret",
      { volumes: [{ name: "agent-secret", emptyDir: {} }] },
      "templates[0].pod.spec.volumes[0].name",
      "is the volume of the agent's secret",
    ],
    [
      "a container that mounts the agent's secret",
      { containers: [{ name: "x", image: "i", volumeMounts: [{ name: "agent-secret", mountPath: "/s" }] }] },
      "templates[0].pod.spec.containers[0].volumeMounts[0].name",
      "only the agent has",
    ],
    [
      "a volume in the place of the agent's files",
      mount("workspace", "/run/kubestack/agent"),
      "templates[0].pod.spec.containers[0].volumeMounts[0].mountPath",
      "where KubeStack's own files are",
    ],
    [
      "the same, written otherwise",
      mount("workspace", "/run//kubestack/agent/"),
      "templates[0].pod.spec.containers[0].volumeMounts[0].mountPath",
      "where KubeStack's own files are",
    ],
    [
      "the same over another folder, and not from the root on",
      mount("workspace", "run/x/../kubestack/agent/secret"),
      "templates[0].pod.spec.containers[0].volumeMounts[0].mountPath",
      "where KubeStack's own files are",
    ],
    [
      "an agent's container that is deleted",
      { containers: [{ name: "jnlp", $patch: "delete" }] },
      "templates[0].pod.spec.containers",
      "leaves out jnlp",
    ],
    ["all containers deleted", { containers: null }, "templates[0].pod.spec.containers", "leaves out jnlp"],
    [
      "an init container like the agent's",
      { initContainers: [{ name: "jnlp", image: "i" }] },
      "templates[0].pod.spec",
      "two containers the name jnlp",
    ],
    [
      "two containers of a name",
      {
        containers: [
          { name: "x", image: "i" },
          { name: "x", image: "j" },
        ],
      },
      "templates[0].pod.spec.containers[1]",
      "the same name x as entry 0",
    ],
    [
      "two volumes of a name",
      { volumes: [{ name: "v" }, { name: "v" }] },
      "templates[0].pod.spec.volumes[1]",
      "the same name v as entry 0",
    ],
    [
      "a volume that is not there",
      mount("nowhere", "/n"),
      "templates[0].pod.spec",
      "mounts volume nowhere in container jnlp",
    ],
    [
      "a container without an image",
      { containers: [{ name: "x" }] },
      "templates[0].pod.spec",
      "gives container x no image",
    ],
  ])("%s: told with its place", async (_, spec, path, message) => {
    expect(await withPod(spec)).toEqual(told(path, message));
  });

  test("the same folder beside KubeStack's, and the workspace of one's own, are sound", async () => {
    const containers = [{ name: "jnlp", volumeMounts: [{ name: "workspace", mountPath: "/run/kubestack/agent2" }] }];
    const volumes = [{ name: "workspace", persistentVolumeClaim: { claimName: "work" } }];
    expect(await withPod({ containers, volumes })).toEqual([]);
  });

  test.each<[string, object, string, string]>([
    [
      "volumes with the name of the agent's secret",
      { volumes: [{ name: "agent-secret", emptyDir: {} }] },
      "templates[0].volumes[0]",
      "is the volume of the agent's secret",
    ],
    [
      "volumes that come to this name by their place",
      { volumes: [{ emptyDir: { mountPath: "/agent/secret", containers: ["*"] } }] },
      "templates[0].volumes[0]",
      "is the volume of the agent's secret",
    ],
    [
      "volumes in the place of the agent's files",
      { volumes: [{ name: "mine", emptyDir: { mountPath: "/run/./kubestack/agent/secret" } }] },
      "templates[0].volumes[0].emptyDir.mountPath",
      "where KubeStack's own files are",
    ],
    [
      "an agent's folder in this place",
      { workDir: "/run/kubestack/agent" },
      "templates[0].workDir",
      "where KubeStack's own files are",
    ],
  ])("%s: told with its place", async (_, said, path, message) => {
    expect(await faultsOf([{ ...bad, ...said }, good])).toEqual(told(path, message));
  });

  test("two templates of one name are told once", async () => {
    expect(await faultsOf([good, good])).toEqual(told("templates[1].name = good", "the same as entry 0's"));
  });
});

describe("what is written to do harm", () => {
  const entry = JSON.stringify({ ...rest, templates: [bad] });
  test.each([
    ["a template", '"image":"i"', '"image":"i","__proto__":{"x":1}'],
    ["an environment", '"image":"i"', '"image":"i","env":{"__proto__":"x"}'],
    ["a pod", '"image":"i"', '"image":"i","pod":{"__proto__":{"x":1}}'],
    ["a pod's depths", '"image":"i"', '"image":"i","pod":{"spec":{"nodeSelector":{"__proto__":"x"}}}'],
    ["the defaults", '"kubernetes"', '"defaults":{"template":{"pod":{"__proto__":{"x":1}}}},"kubernetes"'],
  ])("__proto__ in %s is told, with its line", async (_, place, harm) => {
    expect(await faultsOfText(entry.replace(place, harm))).toEqual(told("line 1, column ", "__proto__ is no key"));
    expect({}).not.toHaveProperty("x");
  });

  test.each(["constructor", "toString", "__proto__"])("%s is a name like any other", async (name) => {
    expect(await faultsOf([{ ...good, name }])).toEqual([]);
    expect(await faultsOf([{ ...good, inheritFrom: [name] }])).toEqual(
      told("templates[0].inheritFrom[0]", "names no template"),
    );
  });

  test("aliases of aliases are not followed to their end", async () => {
    const levels = Array.from({ length: 20 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`);
    expect(await faultsOfText(["a0: &a0 x", ...levels, "templates: *a20"].join("\n"))).toEqual(
      told("(file)", "aliases can't be followed"),
    );
  });

  test("an alias that is a part of itself is told", async () => {
    expect(await faultsOfText("templates: &a\n  - pod: { spec: *a }\n")).not.toEqual([]);
  });

  test.each<[string, number, string]>([
    ["deeper than any pod", 40, "templates[0].pod.spec.a.a"],
    ["deeper than any file", 200, "line 1, column "],
  ])("maps that go %s are told", async (_, levels, place) => {
    const spec = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    const faults = await faultsOfText(entry.replace('"image":"i"', `"image":"i","pod":{"spec":${spec}}`));
    expect(faults).toEqual(told(place, "nested"));
  });

  test("a pod of too many values is told", async () => {
    const env = Array.from({ length: 11_000 }, (_, at) => ({ name: `E${at}`, value: "x" }));
    expect(await withPod({ containers: [{ name: "jnlp", env }] })).toEqual(
      told("templates[0].pod", "more than 20000 values"),
    );
  });

  test("a file that is too long is not read", async () => {
    expect(await faultsOfText(`# ${"x".repeat(5 * 1024 * 1024)}`)).toEqual(told("(file)", "longer than 4 MiB"));
  });
});

const keys = [
  ...[
    "name",
    "labels",
    "unlabelled",
    "inheritFrom",
    "image",
    "command",
    "args",
    "env",
    "cpu",
    "memory",
    "disk",
    "overrides",
    "pod",
  ],
  ...["agentContainer", "allow", "workDir", "builds", "maxAge", "idleTimeout", "timeouts", "maxSlaves", "masters"],
  ...["volumes", "services", "nodeProperties", "inject", "agentImage"],
];
const wrong: readonly unknown[] = [7, -1, 1e308, true, "\u0000", [[]], [null], { a: {} }, { a: [null] }];

describe("every key, with whatever does not belong there", () => {
  test.each(keys)("%s: each fault names it, and the other template has none", async (key) => {
    const faults: string[][] = [];
    for (const value of wrong) faults.push(await faultsOf([{ ...bad, [key]: value }, good]));
    for (const fault of faults.flat())
      expect(fault).toMatch(new RegExp(`^templates\\[0\\]\\.${key}|^templates\\[0\\]\\.image`));
    // A few of them are right for some keys, most of them for none.
    expect(faults.filter((of) => of.length > 0).length).toBeGreaterThanOrEqual(5);
  });

  test("unknown keys are told, each with its place", async () => {
    expect(await faultsOf([{ ...bad, imgae: "i" }, good])).toEqual(told("templates[0].imgae", "is not a known key"));
    expect(await faultsOf([{ ...bad, timeouts: { pul: "1m" } }])).toEqual(
      told("templates[0].timeouts.pul", "is not a known key"),
    );
    expect(await faultsOf([{ ...bad, pod: { kind: "Pod" } }])).toEqual(
      told("templates[0].pod.kind", "is no part of a template's pod"),
    );
  });

  test("whatever an entry is, it is refused with its place or makes a pod, and nothing else is refused", async () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...wrong));
    const pod = fc.record(
      {
        metadata: value,
        spec: fc.dictionary(fc.constantFrom("containers", "volumes", "tolerations", "securityContext"), value),
      },
      { requiredKeys: [] },
    );
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...keys), fc.oneof(value, pod)),
      fc.record({ pod }),
    );
    await fc.assert(
      fc.asyncProperty(entry, async (one) => {
        const hostile = typeof one === "object" && one !== null && !Array.isArray(one) ? { ...bad, ...one } : one;
        for (const fault of await faultsOf([hostile, good]))
          expect(fault).toMatch(/^(templates\[0\]|line 1, column \d+: __proto__|templates\[1\]\.name)/);
      }),
      { numRuns: 300 },
    );
  });
});
