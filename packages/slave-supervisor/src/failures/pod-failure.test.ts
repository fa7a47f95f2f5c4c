import type { FailureClass } from "@kubestack/contracts";
import { observePod } from "@kubestack/kubernetes";
import { describe, expect, test } from "vitest";
import { podFailure } from "./pod-failure.ts";

type Json = Record<string, unknown>;

const metadata = {
  name: "ks-a",
  namespace: "ci",
  uid: "u",
  resourceVersion: "1",
  creationTimestamp: "2026-01-01T00:00:00Z",
};
const running = { name: "jnlp", imageID: "sha256:1", state: { running: { startedAt: "2026-01-01T00:00:06Z" } } };
const ended = (exitCode: number, reason = "Error", name = "jnlp") => ({
  name,
  imageID: "sha256:1",
  state: { terminated: { exitCode, reason } },
});
const condition = (reason: string, message = "") => [{ type: "DisruptionTarget", status: "True", reason, message }];
const sidecar = { ...running, name: "db" };

/** Statuses as the parts of Kubernetes write them, and what they mean. */
const cases: readonly [string, Json, FailureClass, RegExp, Json?][] = [
  [
    "whose agent reached its limit of memory (H28: a side container runs on)",
    { phase: "Running", containerStatuses: [ended(137, "OOMKilled"), sidecar] },
    "out-of-memory",
    /killed for want of memory: it reached its limit \(OOMKilled, code 137\)/,
  ],
  [
    "whose agent ended while a side container runs on (H28)",
    { phase: "Running", containerStatuses: [ended(1), sidecar] },
    "agent-exited",
    /^the agent's container ended with code 1 \(Error\)$/,
  ],
  ["that was killed", { phase: "Failed", containerStatuses: [ended(137)] }, "agent-exited", /code 137 \(Error\)/],
  [
    "whose program is not there",
    { phase: "Failed", containerStatuses: [ended(128, "StartError")] },
    "container-start",
    /code 128 \(StartError\)/,
  ],
  [
    "that its node evicted",
    {
      phase: "Failed",
      reason: "Evicted",
      message: "The node was low on resource: memory. Threshold quantity: 100Mi, available: 9Mi. ",
      conditions: condition("TerminationByKubelet", "The node was low on resource: memory."),
      containerStatuses: [ended(137)],
    },
    "evicted",
    /its node evicted the pod: The node was low on resource: memory/,
  ],
  [
    "that its node evicted, of a cluster without the condition",
    { phase: "Failed", reason: "Evicted" },
    "evicted",
    /its node evicted the pod$/,
  ],
  [
    "that is evicted as its node is drained",
    {
      phase: "Running",
      conditions: condition("EvictionByEvictionAPI", "Eviction API: evicting"),
      containerStatuses: [running],
    },
    "evicted",
    /evicted, as when its node is drained: Eviction API: evicting/,
    { deletionTimestamp: "2026-01-01T00:10:00Z", deletionGracePeriodSeconds: 30 },
  ],
  [
    "that is preempted",
    {
      phase: "Running",
      conditions: condition(
        "PreemptionByScheduler",
        "default-scheduler: preempting to accommodate a higher priority pod",
      ),
      containerStatuses: [running],
    },
    "preempted",
    /give way to one of a higher priority/,
  ],
  [
    "that is preempted by its node",
    {
      phase: "Failed",
      reason: "Preempting",
      message: "Preempted in order to admit critical pod",
      conditions: condition("TerminationByKubelet"),
    },
    "preempted",
    /Preempted in order to admit critical pod/,
  ],
  [
    "on a spot machine that is taken back",
    {
      phase: "Failed",
      reason: "Terminated",
      message: "Pod was terminated in response to imminent node shutdown.",
      conditions: condition("TerminationByKubelet", "Pod was terminated in response to imminent node shutdown."),
      containerStatuses: [ended(143)],
    },
    "node-shutdown",
    /its node is shutting down.*imminent node shutdown/,
  ],
  [
    "on a node that shuts down, told by the condition first",
    {
      phase: "Running",
      conditions: condition("TerminationByKubelet", "Pod was terminated in response to imminent node shutdown."),
      containerStatuses: [running],
    },
    "node-shutdown",
    /its node is shutting down/,
  ],
  [
    "on a node with a taint",
    {
      phase: "Running",
      conditions: condition("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"),
      containerStatuses: [running],
    },
    "node-lost",
    /unreachable, or is being emptied by a taint/,
    { deletionTimestamp: "2026-01-01T00:10:00Z" },
  ],
  [
    "whose node is gone",
    { phase: "Failed", conditions: condition("DeletionByPodGC", "PodGC: node no longer exists") },
    "node-lost",
    /its node is gone: PodGC/,
  ],
  [
    "whose node does not answer",
    {
      phase: "Running",
      reason: "NodeLost",
      message: "Node n1 which was running pod ks-a is unresponsive",
      containerStatuses: [running],
    },
    "node-lost",
    /does not answer any more: Node n1/,
    { deletionTimestamp: "2026-01-01T00:10:00Z" },
  ],
  [
    "that is disrupted for a reason of its own",
    { conditions: condition("ByOperator") },
    "evicted",
    /the pod is disrupted: ByOperator/,
  ],
  ["that is disrupted without a word", { conditions: condition("") }, "evicted", /no reason given/],
  [
    "that somebody deletes",
    { phase: "Running", containerStatuses: [running] },
    "pod-deleted",
    /^the pod is being deleted$/,
    { deletionTimestamp: "2026-01-01T00:10:00Z" },
  ],
  [
    "at the end of its time",
    {
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
      containerStatuses: [ended(143)],
    },
    "pod-deadline",
    /activeDeadlineSeconds/,
  ],
  [
    "whose init container failed",
    { initContainerStatuses: [ended(2, "Error", "init")], containerStatuses: [{ name: "jnlp" }] },
    "init-failed",
    /init container init failed with code 2/,
  ],
  [
    "whose agent could not be put into its image",
    { initContainerStatuses: [ended(14, "Error", "kubestack-agent")] },
    "init-failed",
    /could not be put into its image: init container kubestack-agent failed with code 14$/,
  ],
  [
    "whose agent image has no agent",
    { initContainerStatuses: [ended(128, "StartError", "kubestack-agent")] },
    "init-failed",
    /its agentImage has no start-agent/,
  ],
  [
    "that its node did not take",
    { phase: "Failed", reason: "OutOfcpu", message: "Pod was rejected: Node didn't have enough resource: cpu" },
    "node-rejected",
    /\(OutOfcpu\): Pod was rejected/,
  ],
  ["that ended well", { phase: "Succeeded" }, "agent-exited", /the pod is Succeeded/],
];

const observed = (status: Json, more: Json = {}) => observePod({ metadata: { ...metadata, ...more }, status } as never);

describe("a pod", () => {
  test.each(cases)("%s", (_, status, failure, reason, more) => {
    const told = podFailure(observed(status, more));
    expect(told?.failure).toBe(failure);
    expect(told?.reason).toMatch(reason);
  });

  test.each<[string, Json]>([
    ["starts", { phase: "Pending" }],
    ["runs", { phase: "Running", containerStatuses: [running] }],
    [
      "has a side container that ended",
      { phase: "Running", containerStatuses: [running, ended(0, "Completed", "db")] },
    ],
    [
      "has a side container that was killed for its memory",
      { phase: "Running", containerStatuses: [running, ended(137, "OOMKilled", "db")] },
    ],
    ["was initialised", { initContainerStatuses: [ended(0, "Completed", "init")], containerStatuses: [running] }],
    [
      "is not disrupted after all",
      { conditions: [{ type: "DisruptionTarget", status: "False" }], containerStatuses: [running] },
    ],
  ])("that %s can run a build", (_, status) => {
    expect(podFailure(observed(status))).toBeUndefined();
  });
});
