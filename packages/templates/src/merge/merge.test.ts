import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultsOf } from "./faults.ts";
import { finished } from "./finish.ts";
import type { Json, JsonMap } from "./json.ts";
import { finishedOver, laidOver } from "./lay.ts";
import { merged } from "./merge.ts";

type Case = readonly [what: string, parent: Json, child: Json, result: Json];

const spec = (value: Json): JsonMap => ({ spec: value });
const listed = (name: string, value: Json): JsonMap => spec({ [name]: value });
/** Of a container `c`. */
const inside = (name: string, value: Json): JsonMap => listed("containers", [{ name: "c", [name]: value }]);

/** What each case comes to, and that it is the same with the two layers put together before what they stand on is known. */
function check(parent: JsonMap, child: JsonMap, result: JsonMap): void {
  for (const layer of [parent, child, result]) expect(faultsOf(layer)).toEqual([]);
  expect(finished(merged(parent, child))).toEqual(result);
  expect(finished(merged({}, merged(parent, child)))).toEqual(result);
  expect(finished(merged(merged(parent, child), {}))).toEqual(result);
  expect(laidOver(finished(parent), child)).toEqual(result);
}

describe("a map", () => {
  test.each<Case>([
    ["of the child alone", {}, { a: 1 }, { a: 1 }],
    ["of the parent alone", { a: 1 }, {}, { a: 1 }],
    ["has both's fields", { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ["has the child's value of a field of both", { a: 1 }, { a: 2 }, { a: 2 }],
    ["is merged in its depth", { a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 3 } } }, { a: { b: { c: 3, d: 2 } } }],
    ["keeps an empty one", { a: {} }, { b: {} }, { a: {}, b: {} }],
    ["is not emptied by an empty one", { a: { b: 1 } }, { a: {} }, { a: { b: 1 } }],
    ["keeps the parent's order", { b: 1, a: 2 }, { c: 3, a: 4 }, { b: 1, a: 4, c: 3 }],
    [
      "takes false, 0 and an empty text for values",
      { a: true, b: 1, c: "x" },
      { a: false, b: 0, c: "" },
      { a: false, b: 0, c: "" },
    ],
    ["takes the place of a text", { a: "x" }, { a: { b: 1 } }, { a: { b: 1 } }],
    ["gives its place to a text", { a: { b: 1 } }, { a: "x" }, { a: "x" }],
    ["takes the place of a list", { a: [1] }, { a: { b: 1 } }, { a: { b: 1 } }],
    ["gives its place to a list", { a: { b: 1 } }, { a: [1] }, { a: [1] }],
    [
      "knows no field by what every object has",
      { toString: "x" },
      { constructor: "y" },
      { toString: "x", constructor: "y" },
    ],
  ])("%s", (_, parent, child, result) => check({ metadata: parent }, { metadata: child }, { metadata: result }));
});

describe("null", () => {
  test.each<Case>([
    ["deletes a value", { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ["deletes a map", { a: { b: 1 } }, { a: null }, {}],
    ["deletes in the depth", { a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
    ["deletes a plain list", { a: [1, 2] }, { a: null }, {}],
    ["of what is not there is nothing", {}, { a: null }, {}],
    ["of what is not there in the depth leaves a map", {}, { a: { b: null } }, { a: {} }],
    ["of the parent is undone by the child", { a: null }, { a: 1 }, { a: 1 }],
    ["of both is null", { a: null }, { a: null }, {}],
  ])("%s", (_, parent, child, result) => check({ metadata: parent }, { metadata: child }, { metadata: result }));

  test.each<Case>([
    ["deletes a list that is merged", [{ name: "a" }], null, null],
    ["below a list leaves the list alone", null, [{ name: "a" }], [{ name: "a" }]],
  ])("%s", (_, parent, child, result) =>
    check(listed("volumes", parent), listed("volumes", child), result === null ? spec({}) : listed("volumes", result)),
  );

  test("of a child deletes what is further below, though a grandchild gives it anew", () => {
    const [a, b, c] = [{ a: { x: 1 } }, { a: null }, { a: { y: 2 } }];
    for (const layers of [merged(merged(a, b), c), merged(a, merged(b, c))])
      expect(finished(layers)).toEqual({ a: { y: 2 } });
    const lists = [
      listed("volumes", [{ name: "a" }]),
      spec({ volumes: null }),
      listed("volumes", [{ name: "b" }]),
    ] as const;
    for (const layers of [merged(merged(lists[0], lists[1]), lists[2]), merged(lists[0], merged(lists[1], lists[2]))])
      expect(finished(layers)).toEqual(listed("volumes", [{ name: "b" }]));
  });
});

describe("a list that is no set", () => {
  test.each<Case>([
    ["command", ["a", "b"], ["c"], ["c"]],
    ["args", ["a"], [], []],
    ["envFrom", [{ secretRef: { name: "a" } }], [{ secretRef: { name: "b" } }], [{ secretRef: { name: "b" } }]],
  ])("of a container is the child's: %s", (name, parent, child, result) =>
    check(inside(name, parent), inside(name, child), inside(name, result)),
  );

  test.each<Case>([
    ["capabilities", { drop: ["ALL"], add: ["A"] }, { add: ["B"] }, { drop: ["ALL"], add: ["B"] }],
    ["supplementalGroups", [1], [2], [2]],
    ["sysctls", [{ name: "a", value: "1" }], [{ name: "b", value: "2" }], [{ name: "b", value: "2" }]],
  ])("of a security context is the child's: %s", (name, parent, child, result) => {
    const of = (value: Json) => spec({ securityContext: { [name]: value } });
    check(of(parent), of(child), of(result));
  });

  test("of an affinity is the child's: its terms are alternatives", () => {
    const of = (zone: string) => ({
      nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values: [zone] }] }],
    });
    const affinity = (zone: string) =>
      spec({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: of(zone) } } });
    check(affinity("a"), affinity("b"), affinity("b"));
  });
});

describe("a list of the pod", () => {
  test.each<readonly [string, string, Json, Json, Json]>([
    ["has both's containers", "containers", [{ name: "a" }], [{ name: "b" }], [{ name: "a" }, { name: "b" }]],
    [
      "merges containers by name",
      "containers",
      [{ name: "a", image: "x", tty: true }],
      [{ name: "a", image: "y" }],
      [{ name: "a", image: "y", tty: true }],
    ],
    [
      "merges init containers by name",
      "initContainers",
      [{ name: "a", image: "x" }],
      [{ name: "a", image: "y" }],
      [{ name: "a", image: "y" }],
    ],
    [
      "keeps the parent's order of containers",
      "containers",
      [{ name: "b" }, { name: "a" }],
      [{ name: "c" }, { name: "a" }, { name: "b" }],
      [{ name: "b" }, { name: "a" }, { name: "c" }],
    ],
    [
      "has both's volumes",
      "volumes",
      [{ name: "a", emptyDir: {} }],
      [{ name: "b", emptyDir: {} }],
      [
        { name: "a", emptyDir: {} },
        { name: "b", emptyDir: {} },
      ],
    ],
    [
      "merges volumes by name",
      "volumes",
      [{ name: "a", emptyDir: { medium: "Memory" } }],
      [{ name: "a", emptyDir: { sizeLimit: "1Gi" } }],
      [{ name: "a", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } }],
    ],
    [
      "merges pull secrets by name",
      "imagePullSecrets",
      [{ name: "a" }],
      [{ name: "b" }, { name: "a" }],
      [{ name: "a" }, { name: "b" }],
    ],
    [
      "has both's tolerations",
      "tolerations",
      [{ key: "a", operator: "Exists" }],
      [{ key: "b", operator: "Exists" }],
      [
        { key: "a", operator: "Exists" },
        { key: "b", operator: "Exists" },
      ],
    ],
    [
      "has a toleration once, though it is written otherwise",
      "tolerations",
      [{ key: "a", value: "1", effect: "NoSchedule" }],
      [{ key: "a", operator: "Equal", value: "1", effect: "NoSchedule" }],
      [{ key: "a", value: "1", effect: "NoSchedule", operator: "Equal" }],
    ],
    [
      "takes the child's time of a toleration",
      "tolerations",
      [{ key: "a", effect: "NoExecute", operator: "Exists", tolerationSeconds: 60 }],
      [{ key: "a", effect: "NoExecute", operator: "Exists", tolerationSeconds: 5 }],
      [{ key: "a", effect: "NoExecute", operator: "Exists", tolerationSeconds: 5 }],
    ],
    [
      "tells tolerations of another effect apart",
      "tolerations",
      [{ key: "a", effect: "NoExecute" }],
      [{ key: "a", effect: "NoSchedule" }],
      [
        { key: "a", effect: "NoExecute" },
        { key: "a", effect: "NoSchedule" },
      ],
    ],
    [
      "merges host aliases by address",
      "hostAliases",
      [{ ip: "10.0.0.1", hostnames: ["a"] }],
      [{ ip: "10.0.0.1", hostnames: ["b"] }],
      [{ ip: "10.0.0.1", hostnames: ["b"] }],
    ],
    [
      "merges spread constraints by key and rule",
      "topologySpreadConstraints",
      [{ topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", maxSkew: 1 }],
      [{ topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", maxSkew: 2 }],
      [{ topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", maxSkew: 2 }],
    ],
    [
      "tells spread constraints of another rule apart",
      "topologySpreadConstraints",
      [{ topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }],
      [{ topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
      [
        { topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" },
        { topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" },
      ],
    ],
    [
      "merges claims for resources by name",
      "resourceClaims",
      [{ name: "gpu", resourceClaimName: "a" }],
      [{ name: "gpu", resourceClaimName: "b" }],
      [{ name: "gpu", resourceClaimName: "b" }],
    ],
    [
      "merges scheduling gates by name",
      "schedulingGates",
      [{ name: "a" }],
      [{ name: "a" }, { name: "b" }],
      [{ name: "a" }, { name: "b" }],
    ],
    [
      "merges readiness gates by type",
      "readinessGates",
      [{ conditionType: "a" }],
      [{ conditionType: "a" }],
      [{ conditionType: "a" }],
    ],
    ["is not emptied by an empty one", "volumes", [{ name: "a", emptyDir: {} }], [], [{ name: "a", emptyDir: {} }]],
    ["stays empty", "volumes", [], [], []],
  ])("%s", (_, name, parent, child, result) => check(listed(name, parent), listed(name, child), listed(name, result)));
});

describe("a list of a container", () => {
  test.each<readonly [string, string, Json, Json, Json]>([
    [
      "has both's variables",
      "env",
      [{ name: "A", value: "1" }],
      [{ name: "B", value: "2" }],
      [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    ],
    [
      "merges variables by name",
      "env",
      [{ name: "A", value: "1" }],
      [{ name: "A", value: "2" }],
      [{ name: "A", value: "2" }],
    ],
    [
      "merges mounts by path",
      "volumeMounts",
      [{ mountPath: "/a", name: "x", readOnly: true }],
      [{ mountPath: "/a", name: "y" }],
      [{ mountPath: "/a", name: "y", readOnly: true }],
    ],
    [
      "has a volume mounted twice",
      "volumeMounts",
      [{ mountPath: "/a", name: "x" }],
      [{ mountPath: "/b", name: "x" }],
      [
        { mountPath: "/a", name: "x" },
        { mountPath: "/b", name: "x" },
      ],
    ],
    [
      "merges ports by port and protocol",
      "ports",
      [{ containerPort: 80, name: "a" }],
      [{ containerPort: 80, protocol: "TCP", name: "b" }],
      [{ containerPort: 80, name: "b", protocol: "TCP" }],
    ],
    [
      "tells ports of another protocol apart",
      "ports",
      [{ containerPort: 53 }],
      [{ containerPort: 53, protocol: "UDP" }],
      [{ containerPort: 53 }, { containerPort: 53, protocol: "UDP" }],
    ],
    [
      "merges devices by path",
      "volumeDevices",
      [{ devicePath: "/dev/a", name: "x" }],
      [{ devicePath: "/dev/a", name: "y" }],
      [{ devicePath: "/dev/a", name: "y" }],
    ],
  ])("%s", (_, name, parent, child, result) => check(inside(name, parent), inside(name, child), inside(name, result)));

  test("merges claims for resources by name", () => {
    const of = (value: Json) => inside("resources", { claims: value });
    check(of([{ name: "gpu" }]), of([{ name: "gpu", request: "one" }]), of([{ name: "gpu", request: "one" }]));
  });

  test("of another container is another list", () => {
    check(
      listed("containers", [{ name: "a", env: [{ name: "A", value: "1" }] }]),
      listed("containers", [{ name: "b", env: [{ name: "A", value: "2" }] }]),
      listed("containers", [
        { name: "a", env: [{ name: "A", value: "1" }] },
        { name: "b", env: [{ name: "A", value: "2" }] },
      ]),
    );
  });
});

describe("a choice is the child's", () => {
  const from = (name: string) => ({ secretKeyRef: { name, key: "k" } });
  test.each<readonly [string, string, Json, Json, Json]>([
    [
      "a variable's value for its source",
      "env",
      [{ name: "A", valueFrom: from("s") }],
      [{ name: "A", value: "1" }],
      [{ name: "A", value: "1" }],
    ],
    [
      "a variable's source for its value",
      "env",
      [{ name: "A", value: "1" }],
      [{ name: "A", valueFrom: from("s") }],
      [{ name: "A", valueFrom: from("s") }],
    ],
    [
      "another part of the same source",
      "env",
      [{ name: "A", valueFrom: from("s") }],
      [{ name: "A", valueFrom: { secretKeyRef: { name: "t" } } }],
      [{ name: "A", valueFrom: from("t") }],
    ],
    [
      "another source of a variable",
      "env",
      [{ name: "A", valueFrom: from("s") }],
      [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
      [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
    ],
    [
      "another way to probe, with the parent's pace",
      "livenessProbe",
      { exec: { command: ["a"] }, periodSeconds: 5 },
      { httpGet: { port: 80 } },
      { periodSeconds: 5, httpGet: { port: 80 } },
    ],
    [
      "the parent's way to probe at another pace",
      "readinessProbe",
      { exec: { command: ["a"] } },
      { periodSeconds: 5 },
      { exec: { command: ["a"] }, periodSeconds: 5 },
    ],
    [
      "another way to start",
      "startupProbe",
      { grpc: { port: 1 } },
      { tcpSocket: { port: 2 } },
      { tcpSocket: { port: 2 } },
    ],
    [
      "another way to end",
      "lifecycle",
      { preStop: { sleep: { seconds: 5 } } },
      { preStop: { exec: { command: ["a"] } } },
      { preStop: { exec: { command: ["a"] } } },
    ],
  ])("%s", (_, name, parent, child, result) => check(inside(name, parent), inside(name, child), inside(name, result)));

  test.each<Case>([
    [
      "another kind of volume",
      [{ name: "v", persistentVolumeClaim: { claimName: "a" } }],
      [{ name: "v", emptyDir: {} }],
      [{ name: "v", emptyDir: {} }],
    ],
    [
      "a kind of volume that this release never heard of",
      [{ name: "v", emptyDir: {} }],
      [{ name: "v", moonDrive: { phase: "full" } }],
      [{ name: "v", moonDrive: { phase: "full" } }],
    ],
    [
      "the same kind of volume, merged",
      [{ name: "v", secret: { secretName: "a", optional: true } }],
      [{ name: "v", secret: { secretName: "b" } }],
      [{ name: "v", secret: { secretName: "b", optional: true } }],
    ],
    [
      "no kind of volume at all, which leaves the parent's",
      [{ name: "v", emptyDir: {} }],
      [{ name: "v" }],
      [{ name: "v", emptyDir: {} }],
    ],
  ])("%s", (_, parent, child, result) =>
    check(listed("volumes", parent), listed("volumes", child), listed("volumes", result)),
  );
});

describe("a directive", () => {
  test.each<Case>([
    ["deletes an item", [{ name: "a" }, { name: "b" }], [{ name: "a", $patch: "delete" }], [{ name: "b" }]],
    [
      "deletes what is not there, which is nothing",
      [{ name: "b" }],
      [{ name: "a", $patch: "delete" }],
      [{ name: "b" }],
    ],
    [
      "puts an item in the place of its parent's",
      [{ name: "a", image: "x", tty: true }],
      [{ name: "a", $patch: "replace", image: "y" }],
      [{ name: "a", image: "y" }],
    ],
    [
      "puts a list in the place of its parent's",
      [{ name: "a" }],
      [{ $patch: "replace" }, { name: "b" }],
      [{ name: "b" }],
    ],
    ["empties a list", [{ name: "a" }], [{ $patch: "replace" }], []],
    [
      "of the parent is undone by the child",
      [{ name: "a", $patch: "delete" }],
      [{ name: "a", image: "x" }],
      [{ name: "a", image: "x" }],
    ],
    [
      "of the parent holds for what is below it alone",
      [{ $patch: "replace" }, { name: "a" }],
      [{ name: "b" }],
      [{ name: "a" }, { name: "b" }],
    ],
  ])("%s", (_, parent, child, result) =>
    check(listed("containers", parent), listed("containers", child), listed("containers", result)),
  );

  test.each<Case>([
    ["puts a map in the place of its parent's", { a: { x: 1 } }, { a: { $patch: "replace", y: 2 } }, { a: { y: 2 } }],
    ["deletes a map", { a: { x: 1 }, b: 1 }, { a: { $patch: "delete" } }, { b: 1 }],
    ["that deletes is undone by the child's child", { a: { $patch: "delete" } }, { a: { y: 2 } }, { a: { y: 2 } }],
  ])("%s", (_, parent, child, result) => check({ metadata: parent }, { metadata: child }, { metadata: result }));

  test("of a child keeps a grandchild's items from those further below", () => {
    const [a, b, c] = [
      listed("containers", [{ name: "a", image: "x", tty: true }]),
      listed("containers", [{ name: "a", $patch: "delete" }]),
      listed("containers", [{ name: "a", image: "y" }]),
    ] as const;
    for (const layers of [merged(merged(a, b), c), merged(a, merged(b, c))])
      expect(finished(layers)).toEqual(listed("containers", [{ name: "a", image: "y" }]));
  });
});

describe("whatever the layers are", () => {
  const leaf = fc.oneof(fc.constantFrom(1, "x", true, "y"), fc.constant(null));
  const text = fc.constantFrom("x", "y", "z");
  const map = fc.dictionary(
    fc.constantFrom("p", "q", "r"),
    fc.oneof(leaf, fc.dictionary(fc.constantFrom("s", "t"), leaf)),
  );
  const listOf = (item: fc.Arbitrary<JsonMap>) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.uniqueArray(item, { selector: ({ name }) => name, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constant([{ $patch: "replace" }] as Json) },
    );
  const named = (more: fc.Arbitrary<JsonMap>): fc.Arbitrary<JsonMap> =>
    fc
      .tuple(fc.constantFrom("a", "b", "c"), more, fc.constantFrom(null, null, null, "delete", "replace"))
      .map(([name, fields, patch]) => ({ name, ...fields, ...(patch === null ? {} : { $patch: patch }) }));
  const variables = listOf(named(fc.record({ value: text })));
  const container = fc.record(
    { image: text, env: variables, args: fc.array(text) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonMap>;
  const layer = fc.record(
    {
      metadata: fc.oneof(map, fc.constant(null)),
      spec: fc.record({ containers: listOf(named(container)), nodeSelector: map }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonMap>;
  const runs = { numRuns: 1000 };

  test("three come to the same, in whatever order they are put together", () =>
    fc.assert(
      fc.property(layer, layer, layer, (a, b, c) => {
        expect(finished(merged(merged(a, b), c))).toEqual(finished(merged(a, merged(b, c))));
      }),
      runs,
    ));

  test("none is changed by nothing above or below it, nor by itself", () =>
    fc.assert(
      fc.property(layer, (one) => {
        expect(finished(merged(one, {}))).toEqual(finished(one));
        expect(finished(merged({}, one))).toEqual(finished(one));
        expect(finished(merged(one, one))).toEqual(finished(one));
        expect(finished(finished(one))).toEqual(finished(one));
      }),
      runs,
    ));

  test("laid over a pod that is finished, one makes the same of it as merged with it, in the same order", () =>
    fc.assert(
      fc.property(layer, layer, (below, over) => {
        const pod = finished(below);
        expect(JSON.stringify(laidOver(pod, over))).toBe(JSON.stringify(finished(merged(pod, over))));
        const whole = finished(over);
        expect(JSON.stringify(finishedOver(pod, whole))).toBe(JSON.stringify(finished(merged(pod, whole))));
      }),
      runs,
    ));

  test("nothing of what a child deletes is left, and no trace of how that was said", () =>
    fc.assert(
      fc.property(layer, layer, (parent, child) => {
        const result = finished(merged(parent, { ...child, metadata: null }));
        expect(result).not.toHaveProperty("metadata");
        expect(JSON.stringify(result)).not.toMatch(/null|\$patch/);
      }),
      runs,
    ));

  test("the layers themselves are left as they were", () =>
    fc.assert(
      fc.property(layer, layer, (parent, child) => {
        const before = JSON.stringify([parent, child]);
        finished(merged(parent, child));
        expect(JSON.stringify([parent, child])).toBe(before);
      }),
      runs,
    ));
});
