import { expect, test } from "vitest";
import type { Json } from "./merge/json.ts";
import { originsOf } from "./origins.ts";
import { type PodEntry, podOfEntry } from "./pod-layers.ts";

const all: PodEntry[] = [
  { name: "base", image: "a", env: { A: "1", B: "1" }, pod: { spec: { imagePullSecrets: [{ name: "registry" }] } } },
  {
    name: "maven",
    inheritFrom: ["base"],
    memory: "4Gi",
    env: { B: "2" },
    pod: { metadata: { labels: { team: "x" } } },
  },
];
const { pod, layers } = podOfEntry(all[1] as PodEntry, all);
const origins = originsOf(pod, layers);
const told = (path: string) => origins.filter((one) => one.path === path).map(({ value, of }) => [value, of]);

test.each<[string, Json, string | null]>([
  ["spec.containers[jnlp].image", "a", "base"],
  ["spec.containers[jnlp].env[A].value", "1", "base"],
  ["spec.containers[jnlp].env[B].value", "2", "maven"],
  ["spec.containers[jnlp].resources.requests.cpu", "500m", null],
  ["spec.containers[jnlp].resources.limits.memory", "4Gi", "maven"],
  ["spec.imagePullSecrets[registry].name", "registry", "base"],
  ["metadata.labels.team", "x", "maven"],
  ["spec.securityContext.runAsUser", 1000, null],
  ["spec.containers[jnlp].securityContext.capabilities.drop", ["ALL"] as Json, null],
  ["spec.tolerations[node.kubernetes.io/not-ready,Exists,NoExecute].tolerationSeconds", 60, null],
  ["spec.volumes[workspace].emptyDir", {}, null],
])("%s is %j, by %s", (path, value, of) => {
  expect(told(path)).toEqual([[value, of]]);
});

test("every value is told once, in the pod's order", () => {
  const paths = origins.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.indexOf("spec.containers[jnlp].image")).toBeLessThan(paths.indexOf("spec.volumes[workspace].name"));
});

test("what a child deleted and its own child said anew is that one's", () => {
  const line: PodEntry[] = [
    { name: "a", image: "i", env: { A: "1" } },
    { name: "b", inheritFrom: ["a"], env: { A: null } },
    { name: "c", inheritFrom: ["b"], env: { A: "3" } },
  ];
  const made = podOfEntry(line[2] as PodEntry, line);
  expect(originsOf(made.pod, made.layers).filter(({ path }) => path.endsWith("env[A].value"))).toEqual([
    { path: "spec.containers[jnlp].env[A].value", value: "3", of: "c" },
  ]);
});
