import { describe, expect, test } from "vitest";
import { template } from "../template.fixture.ts";
import { type AgentProgram, isInjected, repositoryOf } from "./is-injected.ts";

const agentImage = "registry.example.org/ci/kubestack-slave:2";

/** Whether the pod of such a template gets its agent from elsewhere. */
function decided(entry: Record<string, unknown>, program: AgentProgram = "start-agent"): boolean {
  const made = template({ image: "maven:3.9", agentImage, ...entry });
  const { containers } = made.pod.spec as { containers: { name: string }[] };
  const container = containers.find(({ name }) => name === made.agentContainer) ?? {};
  return isInjected({ inject: made.inject, agentImage: made.agentImage, program, pod: made.pod, container });
}

const inPod = (container: object) => ({ pod: { spec: { containers: [{ name: "jnlp", ...container }] } } });
const windows = { pod: { spec: { nodeSelector: { "kubernetes.io/os": "windows" } } } };

describe("an agent", () => {
  test.each<[string, Record<string, unknown>, boolean]>([
    ["is put into an image of anybody's", {}, true],
    [
      "is put into Jenkins' own agent image, which does not know how our agents are started",
      { image: "jenkins/inbound-agent:3355" },
      true,
    ],
    ["is not put anywhere where no agentImage is named", { agentImage: undefined }, false],
    ["nor where it is taken away", { agentImage: null }, false],
    ["is not put into the agent image", { image: agentImage }, false],
    ["nor into an older one of it", { image: "registry.example.org/ci/kubestack-slave:1" }, false],
    [
      "nor into one that is named by digest",
      { image: `registry.example.org/ci/kubestack-slave@sha256:${"0".repeat(64)}` },
      false,
    ],
    ["is put into one of that name from elsewhere", { image: "kubestack-slave:2" }, true],
    ["is not put where a program of its own starts", { command: ["swarm-client"] }, false],
    ["nor where the image's own gets arguments", { args: ["-name", "x"] }, false],
    ["nor where the pod says so, and not the short form", inPod({ command: ["swarm-client"] }), false],
    ["is put where such a program is taken back", { command: ["x"], ...inPod({ command: null }) }, true],
    [
      "is put into the image that the pod says, and not the short form",
      { image: agentImage, ...inPod({ image: "node:22" }) },
      true,
    ],
    ["is put nowhere where that is switched off", { inject: "never" }, false],
    [
      "is always put where that is said: over a program",
      { inject: "always", command: ["sleep"], args: ["infinity"] },
      true,
    ],
    ["or into the agent image", { inject: "always", image: agentImage }, true],
    ["is not put into images for Windows", windows, false],
    ["nor by force", { ...windows, inject: "always" }, false],
  ])("%s", (_what, entry, expected) => {
    expect(decided(entry)).toBe(expected);
  });

  test.each(["auto", "always"])("is not put where the pod attaches by itself: %s", (inject) => {
    expect(decided({ inject }, "own")).toBe(false);
  });
});

test.each([
  ["maven", "docker.io/library/maven"],
  ["maven:3.9", "docker.io/library/maven"],
  ["docker.io/maven:3.9", "docker.io/library/maven"],
  ["jenkins/inbound-agent:1", "docker.io/jenkins/inbound-agent"],
  ["localhost/x:1", "localhost/x"],
  ["registry:5000/a/b:1", "registry:5000/a/b"],
  ["registry:5000/a/b", "registry:5000/a/b"],
  [`ghcr.io/a/b:1@sha256:${"a".repeat(64)}`, "ghcr.io/a/b"],
])("%s is of %s", (image, repository) => {
  expect(repositoryOf(image)).toBe(repository);
});
