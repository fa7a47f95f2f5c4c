import { describe, expect, test } from "vitest";
import { type Bean, createBeanWriter, type Wanted } from "./bean.ts";
import { parseTree } from "./tree.ts";

const leaf = (name: string): Bean => ({
  class: "a.Leaf",
  brief: ["name"],
  fields: { name: () => name, size: () => 1 },
});
const root: Bean = {
  class: "a.Root",
  fields: { leaves: () => ["a", "b", "c"].map(leaf), one: () => leaf("one"), none: () => null, text: () => 'a "b"' },
};

function written(wanted: Wanted): unknown {
  return JSON.parse(createBeanWriter(true).write(root, wanted, "test"));
}

function byTree(source: string): unknown {
  const tree = parseTree(source);
  return tree === null ? null : written({ tree });
}

describe("tree=", () => {
  test.each([
    ["text", { _class: "a.Root", text: 'a "b"' }],
    ["one[name],none", { _class: "a.Root", none: null, one: { _class: "a.Leaf", name: "one" } }],
    ["one", { _class: "a.Root", one: { _class: "a.Leaf" } }],
    [
      "leaves[name]{0,2}",
      {
        _class: "a.Root",
        leaves: [
          { _class: "a.Leaf", name: "a" },
          { _class: "a.Leaf", name: "b" },
        ],
      },
    ],
    ["leaves[name]{1}", { _class: "a.Root", leaves: [{ _class: "a.Leaf", name: "b" }] }],
    ["leaves[name]{2,}", { _class: "a.Root", leaves: [{ _class: "a.Leaf", name: "c" }] }],
    ["unknown[with[all]],one[*]", { _class: "a.Root", one: { _class: "a.Leaf", name: "one", size: 1 } }],
  ])("%s", (source, expected) => expect(byTree(source)).toEqual(expected));

  test.each(["", "a[", "a]", "a[b]]", ",a", "a[b"])("%j is refused", (source) => expect(parseTree(source)).toBeNull());
});

test("without a tree everything down to a depth is written, and below it what is brief", () => {
  expect(written({ depth: 0 })).toMatchObject({ one: { _class: "a.Leaf", name: "one" }, text: 'a "b"' });
  expect(written({ depth: 0 })).not.toMatchObject({ one: { size: 1 } });
  expect(written({ depth: 1 })).toMatchObject({ one: { size: 1 } });
});

test("a text is kept for as long as its version is the same", () => {
  const writer = createBeanWriter(false);
  const key = {};
  let reads = 0;
  const bean = (version: number): Bean => ({
    class: null,
    fields: { kept: () => ({ key, version, bean: () => ({ class: null, fields: { reads: () => ++reads } }) }) },
  });
  const tree = parseTree("kept[reads]") ?? new Map();
  const read = (version: number) => writer.write(bean(version), { tree }, "kept[reads]");
  expect([read(1), read(1), read(2)]).toEqual(['{"kept":{"reads":1}}', '{"kept":{"reads":1}}', '{"kept":{"reads":2}}']);
});
