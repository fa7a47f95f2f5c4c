import { expect, test } from "vitest";
import { observePod } from "./pod-observation.ts";

const metadata = {
  name: "ks-a",
  namespace: "ci",
  uid: "u1",
  resourceVersion: "7",
  creationTimestamp: "2026-01-01T00:00:00Z",
};

test("a pod that was just made", () => {
  expect(observePod({ metadata, spec: { containers: [] }, status: { phase: "Pending" } })).toEqual({
    name: "ks-a",
    uid: "u1",
    resourceVersion: "7",
    phase: "Pending",
    reason: "",
    message: "",
    nodeName: null,
    deletionTimestamp: null,
    graceSeconds: null,
    disruption: null,
    ready: false,
    createdAt: Date.UTC(2026, 0, 1),
    scheduledAt: null,
    unschedulable: null,
    containers: [],
    labels: {},
    annotations: {},
  });
});

test("a pod that finds no node says why", () => {
  const conditions = [
    { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes are available" },
  ];
  const pod = observePod({ metadata, status: { phase: "Pending", conditions } });
  expect(pod).toMatchObject({ scheduledAt: null, unschedulable: "0/3 nodes are available" });
});

test("a running pod that is disrupted and going", () => {
  const pod = observePod({
    metadata: {
      ...metadata,
      deletionTimestamp: "2026-01-01T00:10:00Z",
      deletionGracePeriodSeconds: 10,
      labels: { a: "b" },
      annotations: { "kubestack.io/nonce": "n", "kubestack.iox/no": "x", "kubectl.kubernetes.io/last": "huge" },
      managedFields: [{ manager: "x" }],
    },
    spec: { nodeName: "node-1" },
    status: {
      phase: "Running",
      reason: "Evicted",
      message: "node is low on memory",
      conditions: [
        { type: "PodScheduled", status: "True", lastTransitionTime: "2026-01-01T00:00:03Z" },
        {
          type: "DisruptionTarget",
          status: "True",
          reason: "EvictionByEvictionAPI",
          message: "Eviction API: evicting",
        },
        { type: "Ready", status: "True" },
      ],
      initContainerStatuses: [
        {
          name: "inject",
          imageID: "sha256:0",
          state: { terminated: { exitCode: 0, startedAt: "2026-01-01T00:00:04Z", finishedAt: "2026-01-01T00:00:05Z" } },
        },
      ],
      containerStatuses: [
        { name: "jnlp", imageID: "sha256:1", state: { running: { startedAt: "2026-01-01T00:00:06Z" } } },
        { name: "maven", imageID: "", state: { waiting: { reason: "ImagePullBackOff", message: "x".repeat(5_000) } } },
        { name: "unknown" },
      ],
    },
  });
  expect(pod).toMatchObject({
    nodeName: "node-1",
    reason: "Evicted",
    disruption: { reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" },
    ready: true,
    deletionTimestamp: Date.UTC(2026, 0, 1, 0, 10),
    graceSeconds: 10,
    scheduledAt: Date.UTC(2026, 0, 1, 0, 0, 3),
    unschedulable: null,
    labels: { a: "b" },
    annotations: { "kubestack.io/nonce": "n" },
  });
  expect(Object.keys(pod.annotations)).toEqual(["kubestack.io/nonce"]);
  const at = (second: number) => Date.UTC(2026, 0, 1, 0, 0, second);
  const nothing = { reason: "", message: "", exitCode: null, startedAt: null, finishedAt: null };
  expect(pod.containers).toEqual([
    {
      ...nothing,
      name: "inject",
      isInit: true,
      state: "terminated",
      exitCode: 0,
      startedAt: at(4),
      finishedAt: at(5),
      imageId: "sha256:0",
    },
    { ...nothing, name: "jnlp", isInit: false, state: "running", startedAt: at(6), imageId: "sha256:1" },
    {
      ...nothing,
      name: "maven",
      isInit: false,
      state: "waiting",
      reason: "ImagePullBackOff",
      message: "x".repeat(1_024),
      imageId: "",
    },
    { ...nothing, name: "unknown", isInit: false, state: "waiting", imageId: "" },
  ]);
  expect(JSON.parse(JSON.stringify(pod))).toEqual(pod);
});

test("a disruption that was called off, and times that cannot be read, count as nothing", () => {
  const conditions = [{ type: "DisruptionTarget", status: "False" }];
  const pod = observePod({ metadata: { ...metadata, creationTimestamp: "?" }, status: { conditions } });
  expect(pod).toMatchObject({ phase: "Unknown", disruption: null, createdAt: 0 });
});
