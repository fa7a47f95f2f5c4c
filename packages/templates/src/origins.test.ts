import { describe, expect, test } from "vitest";
import { templateOf } from "./config.ts";
import type { Json } from "./merge/json.ts";
import { originsOf } from "./origins.ts";
import { slaveLayers } from "./pod.ts";
import { type Owner, type PodEntry, podOfEntry } from "./pod-layers.ts";
import { specimenIdentity, specimenOf, specimenPart } from "./specimen.ts";

const all: PodEntry[] = [
  { name: "base", image: "a", env: { A: "1", B: "1" }, pod: { spec: { imagePullSecrets: [{ name: "registry" }] } } },
  {
    name: "maven",
    inheritFrom: ["base"],
    memory: "4Gi",
    env: { B: "2" },
    pod: { metadata: { labels: { team: "x" }, annotations: { "example.org/a.b": "y" } } },
  },
];
const written = (of: Owner | undefined): string => (of?.by === "template" ? of.name : `(${of?.by})`);

/** Where each value of the last entry's pod comes from. */
function originsIn(entries: readonly PodEntry[]) {
  const { pod, layers } = podOfEntry(entries.at(-1) as PodEntry, entries);
  return originsOf(pod, layers).map(({ of, ...rest }) => ({ ...rest, of: written(of) }));
}
const origins = originsIn(all);
const told = (path: string, of = origins) =>
  of.filter((one) => one.path === path).map(({ value, of: owner }) => [value, owner]);

test.each<[string, Json, string]>([
  ["spec.containers[jnlp].image", "a", "base"],
  ["spec.containers[jnlp].env[A].value", "1", "base"],
  ["spec.containers[jnlp].env[B].value", "2", "maven"],
  ["spec.containers[jnlp].resources.requests.cpu", "500m", "(usual)"],
  ["spec.containers[jnlp].resources.limits.memory", "4Gi", "maven"],
  ["spec.imagePullSecrets[registry].name", "registry", "base"],
  ["metadata.labels.team", "x", "maven"],
  ["metadata.annotations[example.org/a.b]", "y", "maven"],
  ["spec.securityContext.runAsUser", 1000, "(restricted)"],
  ["spec.containers[jnlp].securityContext.capabilities.drop", ["ALL"] as Json, "(restricted)"],
  ["spec.tolerations[node.kubernetes.io/not-ready,Exists,NoExecute].tolerationSeconds", 60, "(kubestack)"],
  ["spec.volumes[workspace].emptyDir", {}, "(kubestack)"],
])("%s is %j, by %s", (path, value, of) => {
  expect(told(path)).toEqual([[value, of]]);
});

test("every value is told once, in the pod's order, with its place", () => {
  const paths = origins.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.indexOf("spec.containers[jnlp].image")).toBeLessThan(paths.indexOf("spec.volumes[workspace].name"));
  expect(origins.find(({ path }) => path === "spec.containers[jnlp].env[B].value")?.at).toEqual([
    ...["spec", "containers", 0, "env", 1, "value"],
  ]);
});

describe("what was deleted", () => {
  test("and said anew by a child's own child is that one's", () => {
    const line: PodEntry[] = [
      { name: "a", image: "i", env: { A: "1" } },
      { name: "b", inheritFrom: ["a"], env: { A: null } },
      { name: "c", inheritFrom: ["b"], env: { A: "3" } },
    ];
    expect(told("spec.containers[jnlp].env[A].value", originsIn(line))).toEqual([["3", "c"]]);
  });

  const user = (runAsUser: number) => ({ spec: { securityContext: { runAsUser } } });
  test.each<[string, PodEntry["pod"]]>([
    ["by null", { spec: { securityContext: { runAsUser: null } } }],
    ["with all around it", { spec: { securityContext: null } }],
    ["by what takes the place of all around it", { spec: { securityContext: { $patch: "replace", fsGroup: 5 } } }],
  ])("%s, and is filled in, is restricted", (_, pod) => {
    const line: PodEntry[] = [
      { name: "a", image: "i", pod: user(7) },
      { name: "b", inheritFrom: ["a"], pod },
    ];
    expect(told("spec.securityContext.runAsUser", originsIn(line))).toEqual([[1000, "(restricted)"]]);
  });
});

test("what an entry has of the defaults is theirs, and what it says itself its own", () => {
  const entry: PodEntry = {
    name: "t",
    image: "i",
    memory: "4Gi",
    pod: { spec: { priorityClassName: "low", schedulerName: "s" } },
    own: { name: "t", memory: "4Gi", pod: { spec: { schedulerName: "s" } } },
  };
  const found = originsIn([entry]);
  expect(told("spec.containers[jnlp].image", found)).toEqual([["i", "(defaults)"]]);
  expect(told("spec.containers[jnlp].resources.limits.memory", found)).toEqual([["4Gi", "t"]]);
  expect(told("spec.priorityClassName", found)).toEqual([["low", "(defaults)"]]);
  expect(told("spec.schedulerName", found)).toEqual([["s", "t"]]);
});

test.each<[string, Partial<PodEntry>, string]>([
  ["its template's", { workDir: "/work" }, "t"],
  ["the defaults'", { workDir: "/work", own: { name: "t" } }, "(defaults)"],
  ["nobody's but KubeStack's", {}, "(kubestack)"],
  ["KubeStack's where the agent chooses it", { workDir: "." }, "(kubestack)"],
])("the agent's folder is %s", (_, said, of) => {
  const found = originsIn([{ name: "t", image: "i", ...said }]);
  expect(found.find(({ path }) => path === "spec.containers[jnlp].workingDir")?.of).toBe(of);
  expect(found.find(({ path }) => path.endsWith("].mountPath"))?.of).toBe(of);
});

test("of a whole pod every value is somebody's: the slave's own, its master's, or its template's", () => {
  const entry = {
    name: "python",
    labels: ["python"],
    unlabelled: false,
    image: "p:3",
    agentImage: "agent:1",
    env: { KUBESTACK_AGENT_URL: "mine" },
  };
  const template = templateOf(entry, [entry]);
  const of = { master: "backend", name: "ks-backend-at-launch" };
  const way = {
    agentUrl: "http://ci/",
    hasCa: false,
    isUnchecked: false,
    transport: "auto",
    agentTunnel: undefined,
  } as const;
  const agent = specimenPart(of, { attach: "node", ...way, podLabels: { net: "ci" } });
  const options = { ...of, namespace: "ci-agents", agent };
  const { metadata, spec } = specimenOf(template, options);
  const { namespace, ...marks } = metadata;
  const layers = [
    ...podOfEntry(entry, [entry]).layers,
    ...slaveLayers(template, specimenIdentity(template, options), agent),
  ];
  const found = originsOf({ metadata: marks, spec }, layers).map((one) => ({ ...one, of: written(one.of) }));
  expect(namespace).toBe("ci-agents");
  expect(found.filter(({ of: owner }) => owner === "(undefined)")).toEqual([]);
  expect(told("metadata.name", found)).toEqual([["ks-backend-at-launch", "(slave)"]]);
  expect(told("metadata.annotations[kubestack.io/number]", found)).toEqual([["at-launch", "(slave)"]]);
  expect(told("metadata.labels.net", found)).toEqual([["ci", "(master)"]]);
  expect(told("spec.containers[jnlp].env[KUBESTACK_AGENT_URL].value", found)).toEqual([["http://ci/", "(slave)"]]);
  expect(told("spec.containers[jnlp].env[KUBESTACK_AGENT_LAUNCH].value", found)).toEqual([["at-launch", "(slave)"]]);
  expect(told("spec.containers[jnlp].image", found)).toEqual([["p:3", "python"]]);
  expect(told("spec.initContainers[kubestack-agent].image", found)).toEqual([["agent:1", "(inject)"]]);
  expect(told("spec.containers[jnlp].command", found)[0]?.[1]).toBe("(inject)");
});
