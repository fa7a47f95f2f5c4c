import { expect, test } from "vitest";
import { leaseSpec, type NodeFacts, nodeLabels, nodeObject, nodeStatus } from "./node-object.ts";

const facts: NodeFacts = {
  name: "node-1",
  hostIp: "127.0.0.1",
  capacity: { cpu: "2", memory: "4Gi", "ephemeral-storage": "10Gi", pods: "110" },
  kubeletPort: 4711,
  labels: { pool: "ci" },
  taints: [],
  machine: { arch: "x64", kernel: "6.1", version: "v1.36.0" },
  bootId: "b",
};
const now = "2026-01-01T00:00:00.123Z";

test("a node offers what it has and says where its kubelet listens", () => {
  expect(nodeObject(facts, now)).toMatchObject({
    kind: "Node",
    metadata: { name: "node-1" },
    status: {
      capacity: facts.capacity,
      allocatable: facts.capacity,
      daemonEndpoints: { kubeletEndpoint: { Port: 4711 } },
    },
  });
});

test("its own labels stand beside the expected ones", () => {
  expect(nodeLabels(facts)).toMatchObject({
    "kubernetes.io/hostname": "node-1",
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    pool: "ci",
  });
});

test("a stopped node says that it is not ready", () => {
  const conditions = (isReady: boolean) =>
    (nodeStatus(facts, now, isReady) as { conditions: { type: string; status: string }[] }).conditions;
  expect(conditions(true).find((one) => one.type === "Ready")?.status).toBe("True");
  expect(conditions(false).find((one) => one.type === "Ready")?.status).toBe("False");
});

test("a lease is renewed with microseconds", () => {
  expect(leaseSpec("node-1", now)).toEqual({
    holderIdentity: "node-1",
    leaseDurationSeconds: 40,
    renewTime: "2026-01-01T00:00:00.123000Z",
  });
});
