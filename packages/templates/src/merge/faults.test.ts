import { describe, expect, test } from "vitest";
import { faultsOf, mostLevels, mostValues } from "./faults.ts";
import type { Json, JsonMap } from "./json.ts";

const spec = (name: string, value: Json): JsonMap => ({ spec: { [name]: value } });
const nested = (levels: number): JsonMap => (levels === 0 ? {} : { a: nested(levels - 1) });

describe("a layer that can't be merged", () => {
  test.each<[string, JsonMap, string, string]>([
    [
      "a container without a name",
      spec("containers", [{ image: "x" }]),
      "spec.containers.0",
      "says no name, by which its like are merged; add it",
    ],
    [
      "a container that is a text",
      spec("containers", ["x"]),
      "spec.containers.0",
      "must be a map with name; correct it",
    ],
    [
      "a container that is null",
      spec("initContainers", [null]),
      "spec.initContainers.0",
      "must be a map with name; correct it",
    ],
    [
      "two containers of a name",
      spec("containers", [{ name: "a" }, { name: "b" }, { name: "a" }]),
      "spec.containers.2",
      "has the same name a as entry 0; give it another, or make them one",
    ],
    [
      "two variables of a name",
      spec("containers", [{ name: "a", env: [{ name: "A" }, { name: "A" }] }]),
      "spec.containers.0.env.1",
      "has the same name A as entry 0; give it another, or make them one",
    ],
    [
      "two mounts at a path",
      spec("containers", [
        {
          name: "a",
          volumeMounts: [
            { mountPath: "/a", name: "x" },
            { mountPath: "/a", name: "y" },
          ],
        },
      ]),
      "spec.containers.0.volumeMounts.1",
      "has the same mountPath /a as entry 0; give it another, or make them one",
    ],
    [
      "two tolerations that are the same, written otherwise",
      spec("tolerations", [{ key: "a" }, { key: "a", operator: "Equal" }]),
      "spec.tolerations.1",
      "has the same key a and operator Equal as entry 0; give it another, or make them one",
    ],
    [
      "an unknown directive",
      { metadata: { $patch: "merge" } },
      "metadata.$patch",
      "must be replace or delete; correct it",
    ],
    [
      "null in a plain list",
      spec("containers", [{ name: "a", args: ["x", null] }]),
      "spec.containers.0.args.1",
      "must not be null: a list like this is given whole; leave it out",
    ],
    [
      "a field that would be every object's",
      JSON.parse('{"metadata":{"__proto__":{"a":1}}}'),
      "metadata.__proto__",
      "is no field of a pod; remove it",
    ],
  ])("%s", (_, layer, path, message) => {
    expect(faultsOf(layer).map((fault) => [fault.path.join("."), fault.message])).toEqual([[path, message]]);
  });

  test("is nested deeper than any pod, or larger", () => {
    expect(faultsOf(nested(mostLevels))).toEqual([]);
    expect(faultsOf(nested(5_000)).map(({ message }) => message)).toEqual([
      `is nested deeper than ${mostLevels} levels; flatten it`,
    ]);
    const many = {
      metadata: { labels: Object.fromEntries(Array.from({ length: mostValues + 1 }, (_, at) => [`l${at}`, "x"])) },
    };
    expect(faultsOf(many).map(({ message }) => message)).toEqual([`has more than ${mostValues} values; shorten it`]);
  });

  test("tells the first of its many faults", () => {
    expect(
      faultsOf(
        spec(
          "volumes",
          Array.from({ length: 500 }, () => "x"),
        ),
      ).length,
    ).toBe(20);
  });
});

test("a sound layer has none, however odd", () => {
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf(spec("containers", [{ $patch: "replace" }, { name: "a", $patch: "delete" }]))).toEqual([]);
  expect(faultsOf(spec("containers", "x"))).toEqual([]);
});
