import { describe, expect, test } from "vitest";
import type { Json, JsonMap } from "./merge/json.ts";
import { type PodEntry, podOfEntry } from "./pod-layers.ts";

const podWith = (containers: readonly JsonMap[]): JsonMap => ({ spec: { containers } });

/** The last of the entries, whose parents are among those before it. */
function made(...entries: readonly PodEntry[]) {
  const last = entries.at(-1) as PodEntry;
  const { pod, agentContainer } = podOfEntry(last, entries);
  const spec = pod.spec as JsonMap;
  const containers = spec.containers as readonly JsonMap[];
  return { pod, spec, containers, agent: containers.find(({ name }) => name === agentContainer) ?? {}, agentContainer };
}

describe("the agent's container", () => {
  test.each<[string, PodEntry, string]>([
    ["is jnlp where nothing is said", { name: "t", image: "i" }, "jnlp"],
    ["is the one that is named", { name: "t", agentContainer: "b", pod: podWith([{ name: "a" }, { name: "b" }]) }, "b"],
    ["is jnlp where the pod has one", { name: "t", pod: podWith([{ name: "agent" }, { name: "jnlp" }]) }, "jnlp"],
    ["is agent where the pod has that", { name: "t", pod: podWith([{ name: "db" }, { name: "agent" }]) }, "agent"],
    [
      "is the first where the pod has neither",
      { name: "t", pod: podWith([{ name: "maven" }, { name: "db" }]) },
      "maven",
    ],
    [
      "is another one than those beside it where the short form gives its image",
      { name: "t", image: "i", pod: podWith([{ name: "db" }]) },
      "jnlp",
    ],
  ])("%s", (_, entry, name) => expect(made(entry).agentContainer).toBe(name));

  test("is told by a parent, too", () => {
    const base: PodEntry = { name: "base", agentContainer: "maven" };
    expect(made(base, { name: "t", inheritFrom: ["base"], image: "i" }).agent).toMatchObject({
      name: "maven",
      image: "i",
    });
  });

  test("has the sizes that are usual, and the folder of the agent", () => {
    expect(made({ name: "t", image: "i" }).agent).toEqual({
      name: "jnlp",
      image: "i",
      workingDir: "/home/jenkins/agent",
      volumeMounts: [{ name: "workspace", mountPath: "/home/jenkins/agent" }],
      resources: {
        requests: { cpu: "500m", memory: "1Gi", "ephemeral-storage": "2Gi" },
        limits: { memory: "1Gi", "ephemeral-storage": "2Gi" },
      },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    });
  });
});

describe("what a child says is stronger than what its parent says, in whichever form", () => {
  const agentOf = (parent: Omit<PodEntry, "name">, child: Omit<PodEntry, "name">) =>
    made({ name: "p", ...parent }, { name: "c", inheritFrom: ["p"], ...child }).agent;
  const inPod = (fields: JsonMap): JsonMap => podWith([{ name: "jnlp", ...fields }]);

  test.each<[string, Omit<PodEntry, "name">, Omit<PodEntry, "name">, JsonMap]>([
    ["short over short", { image: "a" }, { image: "b" }, { image: "b" }],
    ["short over pod", { pod: inPod({ image: "a" }) }, { image: "b" }, { image: "b" }],
    ["pod over short", { image: "a" }, { pod: inPod({ image: "b" }) }, { image: "b" }],
    ["pod over pod", { pod: inPod({ image: "a" }) }, { pod: inPod({ image: "b" }) }, { image: "b" }],
    [
      "the child's own pod over its short form",
      { image: "a" },
      { image: "b", pod: inPod({ image: "c" }) },
      { image: "c" },
    ],
    ["what it does not say is the parent's", { image: "a", args: ["x"] }, { image: "b" }, { image: "b", args: ["x"] }],
    [
      "its variables beside the parent's",
      { image: "a", env: { A: "1", B: "1" } },
      { env: { B: "2" } },
      {
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      },
    ],
  ])("%s", (_, parent, child, expected) => expect(agentOf(parent, child)).toMatchObject(expected));

  test("null takes away what the parent says", () => {
    const agent = agentOf(
      { image: "a", command: ["x"], args: ["y"], env: { A: "1", B: "1" } },
      { command: null, args: null, env: { A: null } },
    );
    expect(agent).not.toHaveProperty("command");
    expect(agent).not.toHaveProperty("args");
    expect(agent.env).toEqual([{ name: "B", value: "1" }]);
  });

  test("half of a size leaves the other half", () => {
    const { resources } = agentOf({ image: "a", cpu: "2", memory: "4Gi" }, { memory: "8Gi" });
    expect(resources).toMatchObject({ requests: { cpu: "2", memory: "8Gi" }, limits: { memory: "8Gi" } });
  });

  test("another folder takes the place of the parent's, and its mount", () => {
    const agent = agentOf({ image: "a", workDir: "/old" }, { workDir: "/new" });
    expect([agent.workingDir, agent.volumeMounts]).toEqual(["/new", [{ name: "workspace", mountPath: "/new" }]]);
  });

  test("a cache in the workspace's place is the workspace", () => {
    const claim = { persistentVolumeClaim: { claimName: "w" } };
    const { spec } = made({ name: "t", image: "i", pod: { spec: { volumes: [{ name: "workspace", ...claim }] } } });
    expect(spec.volumes).toEqual([{ name: "workspace", ...claim }]);
  });
});

describe("what is left open is restricted", () => {
  const strict = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  const contexts = (...containers: JsonMap[]) =>
    made({ name: "t", image: "i", pod: podWith(containers) }).containers.map(({ securityContext }) => securityContext);

  test("for every container, also the first ones", () => {
    expect(contexts({ name: "db", image: "d" })).toEqual([strict, strict]);
    const { spec } = made({
      name: "t",
      image: "i",
      pod: { spec: { initContainers: [{ name: "first", image: "f" }] } },
    });
    expect(spec.initContainers).toEqual([{ name: "first", image: "f", securityContext: strict }]);
  });

  test("what is said stands, and the rest of it is restricted", () => {
    expect(contexts({ name: "db", securityContext: { runAsUser: 999 } })[1]).toEqual({ ...strict, runAsUser: 999 });
    expect(contexts({ name: "db", securityContext: { capabilities: { add: ["SYS_PTRACE"] } } })[1]).toEqual({
      ...strict,
      capabilities: { drop: ["ALL"], add: ["SYS_PTRACE"] },
    });
  });

  test("a privileged one is what it is: the API server refuses half of it", () => {
    expect(contexts({ name: "dind", securityContext: { privileged: true } })[1]).toEqual({ privileged: true });
  });

  test("a pod for Windows knows no users by number, no capabilities and no seccomp", () => {
    const windows: Json[] = [{ os: { name: "windows" } }, { nodeSelector: { "kubernetes.io/os": "windows" } }];
    for (const more of windows) {
      const { spec, agent } = made({ name: "t", image: "i", pod: { spec: more } });
      expect([spec.securityContext, agent.securityContext]).toEqual([{ runAsNonRoot: true }, undefined]);
    }
  });
});

test("the layers are told with their owners, the strongest last, so that each field's origin can be found", () => {
  const base: PodEntry = { name: "base", image: "a", pod: { metadata: { labels: { team: "x" } } } };
  const { layers } = podOfEntry({ name: "t", inheritFrom: ["base"] }, [base, { name: "t", inheritFrom: ["base"] }]);
  const owners = layers.map(({ of }) => (of.by === "template" ? of.name : `(${of.by})`));
  expect(owners).toEqual(["(restricted)", "(kubestack)", "(usual)", "base", "base", "t"]);
});
