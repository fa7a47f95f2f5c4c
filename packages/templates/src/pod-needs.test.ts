import { needsOfPod } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { objectLabels, slaveLabel } from "./marks.ts";
import { podOf } from "./pod.ts";
import { needsOf } from "./pod-needs.ts";
import { agent, identity, template } from "./template.fixture.ts";

const labels = objectLabels(identity);
const { [slaveLabel]: _own, ...common } = labels;

test.each([
  ["as its template has it", {}, undefined],
  [
    "of the size that its build asked for",
    { overrides: { cpu: { max: "8" }, memory: { max: "16Gi" } } },
    { cpu: "4", memory: "8Gi" },
  ],
  [
    "with a sidecar, and all that it requires",
    {
      cpu: "2",
      pod: {
        spec: {
          hostNetwork: false,
          nodeSelector: { a: "b" },
          containers: [{ name: "db", image: "x", resources: { requests: { cpu: "1" } } }],
        },
      },
    },
    undefined,
  ],
])("what a plan tells of a pod is what the pod tells: %s", (_what, entry, size) => {
  const of = template(entry);
  const pod = podOf(of, { ...identity, size }, agent);
  const told = needsOfPod({ ...pod, metadata: { ...pod.metadata, namespace: "ci" } });
  const { [slaveLabel]: _slave, ...rest } = told.labels ?? {};
  expect(needsOf(of, { size, labels: common, namespace: "ci" })).toEqual({ ...told, labels: rest });
});

test("cpu in thousandths, memory and disk in bytes", () => {
  expect(needsOf(template({ cpu: "2", memory: "4Gi", disk: "10Gi" })).requests).toEqual({
    cpu: 2000,
    memory: 2 ** 32,
    "ephemeral-storage": 10 * 2 ** 30,
  });
});
