import type { PodSize } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { podRequestsOf } from "./pod-requests.ts";

const gibi = 1024 ** 3;
const asking = (name: string, requests: object, more: object = {}) => ({ name, resources: { requests }, ...more });
const agent = asking("jnlp", { cpu: "500m", memory: "1Gi" });

test.each<[string, object, PodSize | undefined, [number, number]]>([
  ["the agent's container", { containers: [agent] }, undefined, [500, gibi]],
  [
    "all containers together",
    { containers: [agent, asking("db", { cpu: 2, memory: "512Mi" })] },
    undefined,
    [2500, 1.5 * gibi],
  ],
  ["nothing that is asked for", { containers: [{ name: "jnlp" }] }, undefined, [0, 0]],
  [
    "a limit where there is no request",
    { containers: [{ name: "jnlp", resources: { limits: { cpu: "1", memory: "1G" } } }] },
    undefined,
    [1000, 1e9],
  ],
  [
    "a size that was asked for by label, the others as they are",
    { containers: [agent, asking("db", { cpu: "250m" })] },
    { cpu: "4" },
    [4250, gibi],
  ],
  [
    "a sidecar, and not an init container that is smaller",
    {
      containers: [agent],
      initContainers: [asking("side", { cpu: "100m" }, { restartPolicy: "Always" }), asking("init", { cpu: "200m" })],
    },
    undefined,
    [600, gibi],
  ],
  [
    "an init container that is larger",
    { containers: [agent], initContainers: [asking("init", { cpu: "3", memory: "1Mi" })] },
    undefined,
    [3000, gibi],
  ],
  ["the pod's own", { containers: [agent], resources: { requests: { cpu: "7" } } }, undefined, [7000, gibi]],
  [
    "a number with an exponent",
    { containers: [asking("jnlp", { cpu: "1e1", memory: 1e6 })] },
    undefined,
    [10_000, 1e6],
  ],
])("counts %s", (_, spec, size, [cpu, memory]) => {
  expect(podRequestsOf({ pod: { spec } as never, agentContainer: "jnlp" }, size)).toEqual({ cpu, memory });
});
