import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode } from "@kubestack/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { loadConfiguration } from "./load.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-node-pools-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const scale = {
  type: "scale",
  apiVersion: "cluster.x-k8s.io/v1beta1",
  kind: "MachineDeployment",
  namespace: "ci",
  name: "spot",
};
const pool = {
  name: "spot",
  nodeLabels: { pool: "ci-spot" },
  shape: { cpu: 16, memory: "64Gi", pods: 58 },
  max: 40,
  target: scale,
};
const headroom = { name: "room", nodeLabels: { pool: "ci-room" }, target: { type: "headroom" } };

/** A file with these pools, whose template names some of them. */
function load(nodePools: unknown, more: { readonly pools?: readonly string[]; readonly capacity?: object } = {}) {
  const template = { name: "python", labels: ["python"], image: "python:3", ...(more.pools && { pools: more.pools }) };
  const content = {
    kubernetes: { namespace: "ci" },
    masters: [{ name: "m", url: "http://ci.example.org/", token: "file:/t" }],
    templates: [template],
    nodePools,
    ...(more.capacity && { capacity: more.capacity }),
  };
  const file = join(dir, "config.yaml");
  return writeFile(file, stringify(content)).then(() => loadConfiguration({ file, environment: {} }));
}

/** Each fault as `path = value: sentence`. */
async function faultsOf(...given: Parameters<typeof load>): Promise<string[]> {
  try {
    await load(...given);
  } catch (error) {
    if (!hasCode(error, "invalid-config")) throw error;
    const lines = error.message.split("\n").slice(1);
    return lines.flatMap((line, at) => (at % 2 === 0 ? [`${line.trim()}: ${lines[at + 1]?.trim()}`] : []));
  }
  return [];
}

test("a pool has everything that it leaves out", async () => {
  const { nodePools, capacity, templates } = await load([pool, headroom], { pools: ["spot", "room"] });
  expect(nodePools).toEqual([
    {
      ...pool,
      taints: [],
      shape: { cpu: "16", memory: "64Gi", pods: 58 },
      overhead: {},
      pricePerHour: 0,
      spot: false,
      deliverWithin: 300_000,
      idleTimeout: 300_000,
      removeAtOnce: 5,
      target: { ...scale, dryRun: false },
    },
    expect.objectContaining({
      name: "room",
      target: {
        type: "headroom",
        priorityClassName: "kubestack-headroom",
        image: "registry.k8s.io/pause:3.10",
        maxPods: 500,
        dryRun: false,
      },
    }),
  ]);
  expect(capacity).toEqual({});
  expect(templates[0]).toMatchObject({
    pools: ["spot", "room"],
    pod: { metadata: { annotations: { "kubestack.io/pools": '["spot","room"]' } } },
  });
});

describe("wrong pools", () => {
  test.each<[string, unknown, string[]]>([
    [
      "of no known target",
      [{ ...pool, target: { type: "carrier-pigeon" } }],
      [
        "nodePools[0].target.type = carrier-pigeon: must be a target of a known type (scale, headroom, nats, aws-asg); correct its type",
      ],
    ],
    [
      "without shape and max",
      [{ ...pool, shape: undefined, max: undefined }],
      [
        "nodePools[0].shape: must be given; say what a node has for pods, such as {cpu: 16, memory: 64Gi, pods: 58}",
        "nodePools[0].max: must be given; say how many nodes there may be at most",
      ],
    ],
    [
      "with more at least than at most",
      [{ ...pool, min: 41 }],
      ["nodePools[0].min = 41: must not be above max (40); correct one of them"],
    ],
    [
      "of headroom with a shape, and a maximum",
      [{ ...headroom, max: 4, shape: pool.shape }],
      [
        expect.stringMatching(/^nodePools\[0\]\.shape = .*: goes with nodes that KubeStack asks for; remove it/),
        expect.stringMatching(/^nodePools\[0\]\.max = 4: goes with nodes that KubeStack asks for; remove it/),
      ] as unknown as string[],
    ],
    [
      "of one name, and of the same labels in another order",
      [
        { ...pool, nodeLabels: { a: "1", b: "2" } },
        { ...pool, nodeLabels: { b: "2", a: "1" } },
      ],
      [
        "nodePools[1].name = spot: is the same as entry 0's; give each its own",
        'nodePools[1].nodeLabels = {"b":"2","a":"1"}: is the same as entry 0\'s; give each its own',
      ],
    ],
    [
      "without labels, with a wrong taint and an unknown key",
      [{ ...pool, nodeLabels: {}, taints: [{ key: "a b", effect: "Never" }], size: 3 }],
      [
        "nodePools[0].nodeLabels = {}: must name at least one label; give one that only its nodes carry",
        "nodePools[0].taints[0].key = a b: is no key of a label or taint; write it as pool or example.org/pool",
        "nodePools[0].taints[0].effect = Never: must be NoSchedule, PreferNoSchedule or NoExecute; correct it",
        "nodePools[0].size: is not a known key; correct its spelling or remove it (docs/configuration.md lists the keys)",
      ],
    ],
    [
      "whose target is no object, and one that is no region",
      [
        { ...pool, target: { ...scale, apiVersion: "v1/v2/x", kind: "machines" } },
        { ...pool, name: "aws", nodeLabels: { pool: "aws" }, target: { type: "aws-asg", group: "g", region: "here" } },
      ],
      [
        "nodePools[0].target.apiVersion = v1/v2/x: is no group and version; write it as cluster.x-k8s.io/v1beta1",
        "nodePools[0].target.kind = machines: is no kind; write it as MachineDeployment",
        "nodePools[1].target.region = here: is no region; write it as eu-central-1",
      ],
    ],
  ])("%s", async (_, pools, faults) => expect(await faultsOf(pools)).toEqual(faults));

  test("that a template names and the file has not", async () => {
    expect(await faultsOf([pool], { pools: ["spot", "gpu"] })).toEqual([
      "templates[0].pools[1] = gpu: names no node pool of this file (spot); correct it, or add the pool to nodePools",
    ]);
    expect(await faultsOf([], { pools: ["gpu"] })).toEqual([
      "templates[0].pools[0] = gpu: names no node pool of this file (it has none); correct it, or add the pool to nodePools",
    ]);
  });

  test("of a total that is no amount", async () => {
    expect(await faultsOf([pool], { capacity: { cpu: "many", pricePerHour: -1 } })).toEqual([
      "capacity.cpu = many: is no quantity; write it as 500m, 2 or 4Gi",
      expect.stringMatching(/^capacity\.pricePerHour = -1: /),
    ]);
  });
});
