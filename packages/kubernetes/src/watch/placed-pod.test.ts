import { describe, expect, test } from "vitest";
import type { RawObject } from "./list-objects.ts";
import { placedPods } from "./placed-pod.ts";

const pod = (name: string, more: object = {}, metadata: object = {}): RawObject => ({
  metadata: { name, namespace: "ci", uid: name, resourceVersion: "1", ...metadata },
  spec: { containers: [{ name: "c", resources: { requests: { cpu: "1" } } }] },
  ...more,
});

describe("of a pod is kept", () => {
  test.each<[string, RawObject, object | null]>([
    [
      "what it takes, and that no node has it",
      pod("p"),
      { node: null, needs: { requests: { cpu: 1000 } }, madeBy: null },
    ],
    ["nothing once it is over", pod("p", { status: { phase: "Failed" } }), null],
    [
      "what made it",
      pod("p", {}, { ownerReferences: [{ kind: "Other" }, { kind: "DaemonSet", controller: true }] }),
      { madeBy: "DaemonSet" },
    ],
    ["that it goes", pod("p", {}, { deletionTimestamp: "2026-01-01T00:00:00Z" }), { isEnding: true }],
    [
      "why it is disrupted",
      pod("p", {
        status: { conditions: [{ type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" }] },
      }),
      { disruption: "PreemptionByScheduler" },
    ],
    [
      "which node pools its template wants, in their order",
      pod("p", {}, { annotations: { "kubestack.io/pools": '["spot","dear"]' } }),
      { needs: { pools: ["spot", "dear"] } },
    ],
    ["no pools where somebody wrote what is none", pod("p", {}, { annotations: { "kubestack.io/pools": "{" } }), {}],
    [
      "of its labels what is ours",
      pod("p", {}, { labels: { a: "b", "kubestack.io/slave": "p" } }),
      { marks: { "kubestack.io/slave": "p" } },
    ],
  ])("%s", (_, object, kept) => {
    const observed = placedPods()(object);
    if (kept === null) expect(observed).toBeNull();
    else expect(observed).toMatchObject(kept);
  });
});

test("equal pods have one shape, whatever they are called", () => {
  const observe = placedPods();
  const slave = (name: string) =>
    observe(pod(name, {}, { labels: { "kubestack.io/slave": name, "kubestack.io/master": "m" } }));
  expect(slave("a")?.needs === slave("b")?.needs).toBe(true);
  expect(observe(pod("c"))?.needs === slave("a")?.needs).toBe(false);
});
