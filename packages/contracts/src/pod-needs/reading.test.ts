import { describe, expect, test } from "vitest";
import { podNeedsSchema } from "./needs.ts";
import { needsOfPod } from "./reading.ts";
import { amountOf, resourcesOf } from "./requests.ts";

const container = (requests: object, rest: object = {}) => ({ resources: { requests }, ...rest });
const asks = (spec: object) => needsOfPod({ spec }).requests;

describe("what a pod takes", () => {
  test.each<[what: string, spec: object, expected: object]>([
    ["nothing", { containers: [{}] }, {}],
    [
      "the sum of its containers",
      { containers: [container({ cpu: "1" }), container({ cpu: "500m", memory: "1Gi" })] },
      { cpu: 1500, memory: 2 ** 30 },
    ],
    [
      "a limit where nothing is requested",
      { containers: [{ resources: { limits: { cpu: 2, "nvidia.com/gpu": 1 } } }] },
      { cpu: 2000, "nvidia.com/gpu": 1 },
    ],
    [
      "an init container's, where that is more",
      { containers: [container({ cpu: "1" })], initContainers: [container({ cpu: "3" })] },
      { cpu: 3000 },
    ],
    [
      "sidecars beside the containers, and beside the init containers after them",
      {
        containers: [container({ cpu: "1" })],
        initContainers: [container({ cpu: "1" }, { restartPolicy: "Always" }), container({ cpu: "2" })],
      },
      { cpu: 3000 },
    ],
    [
      "what the whole pod asks for",
      { containers: [container({ cpu: "1" })], resources: { requests: { cpu: "4" } } },
      { cpu: 4000 },
    ],
    ["its overhead on top", { containers: [container({ cpu: "1" })], overhead: { cpu: "250m" } }, { cpu: 1250 }],
  ])("%s", (_what, spec, expected) => expect(asks(spec)).toEqual(expected));

  test.each([
    ["1.5", 1.5],
    ["100m", 0.1],
    ["2e3", 2000],
    ["1Ki", 1024],
    ["12E", 12e18],
    [7, 7],
    ["5u", 5e-6],
    ["1 Gi", undefined],
    [null, undefined],
  ])("%s is %s", (quantity, amount) => expect(amountOf(quantity) ?? -1).toBeCloseTo(amount ?? -1, 9));

  test("cpu is told in thousandths, rounded up", () => {
    expect(resourcesOf({ cpu: "0.1", memory: "1500m", pods: 110 })).toEqual({ cpu: 100, memory: 2, pods: 110 });
  });
});

test("what a pod must have is read as far as it must be", () => {
  const selector = { matchLabels: { app: "x" } };
  const needs = needsOfPod(
    {
      metadata: { namespace: "ci", labels: { app: "x", tier: "b" } },
      spec: {
        containers: [container({ cpu: "1" })],
        nodeSelector: { pool: "spot" },
        tolerations: [
          { key: "ci", operator: "Exists", tolerationSeconds: 60 },
          { key: "b", value: "c", effect: "NoSchedule" },
        ],
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: "arch", operator: "In", values: ["amd64"] }], matchFields: [] },
                {},
              ],
            },
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1 }],
          },
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: "kubernetes.io/hostname", labelSelector: selector },
              { topologyKey: "zone" },
            ],
          },
        },
        topologySpreadConstraints: [
          {
            topologyKey: "zone",
            maxSkew: 1,
            whenUnsatisfiable: "DoNotSchedule",
            labelSelector: selector,
            matchLabelKeys: ["tier"],
            minDomains: 3,
          },
          { topologyKey: "zone", maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway", labelSelector: selector },
        ],
      },
    },
    { zones: ["z1"], pools: ["spot", "on-demand"] },
  );
  const own = { key: "app", operator: "In", values: ["x"] };
  expect(needs).toEqual({
    requests: { cpu: 1000 },
    nodeSelector: { pool: "spot" },
    affinity: [[{ key: "arch", operator: "In", values: ["amd64"] }]],
    tolerations: [
      { key: "ci", operator: "Exists" },
      { key: "b", value: "c", effect: "NoSchedule" },
    ],
    spread: [
      {
        topologyKey: "zone",
        maxSkew: 1,
        minDomains: 3,
        selector: [own, { key: "tier", operator: "In", values: ["b"] }],
      },
    ],
    apart: [{ topologyKey: "kubernetes.io/hostname", selector: [own] }],
    zones: ["z1"],
    pools: ["spot", "on-demand"],
    namespace: "ci",
    labels: { app: "x", tier: "b" },
  });
  expect(podNeedsSchema.parse(needs)).toEqual(needs);
});

test.each([[undefined], [null], [{ spec: "x" }], [{ spec: { containers: "x", tolerations: [null], affinity: [] } }]])(
  "%j asks for nothing",
  (pod) => expect(needsOfPod(pod)).toMatchObject({ requests: {} }),
);
