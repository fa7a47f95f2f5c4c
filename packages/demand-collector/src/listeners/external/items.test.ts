import { queueItemSchema } from "@kubestack/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readItems } from "./items.ts";

const linux = { id: "a", label: "linux" };
const wanted = (told: readonly unknown[]) =>
  readItems(told).items.map(({ id, wants }) => `${id}: ${wants.kind === "expression" ? wants.expression : wants.kind}`);

test("all of a sound message is wanted, and nothing is told", () => {
  expect(wanted([linux, { id: "b" }])).toEqual(["a: linux", "b: any"]);
  expect(readItems([linux])).toEqual({ items: [expect.objectContaining({ id: "a", job: "a", url: "" })], unread: 0 });
});

test.each<[string, unknown, string]>([
  ["nothing at all", {}, "items[1].id is missing; give it"],
  ["a name that is none", { id: 7 }, "items[1].id = 7 must be a text; correct it"],
  ["an empty name", { id: "", label: "x" }, "items[1].id =  must not be empty; correct it"],
  ["a text", "good", "items[1] = good must be keys and values; correct it"],
  ["null", null, "items[1] = null must be keys and values; correct it"],
  ["a list", [], "items[1] = [] must be keys and values; correct it"],
])("an item that is %s is not known, and takes nothing from the others", (_, bad, faults) => {
  const read = readItems([linux, bad, { id: "c" }]);
  expect(read).toMatchObject({ unread: 1, faults });
  expect(wanted([linux, bad, { id: "c" }])).toEqual(["a: linux", "c: any"]);
});

test.each<[string, unknown, string]>([
  ["a list", ["linux"], 'items[0].label = ["linux"] must be a text; correct it'],
  ["empty", "", "items[0].label =  must not be empty; correct it"],
  ["too long", "x".repeat(5_000), `items[0].label = ${"x".repeat(77)}… must have at most 4096 characters; correct it`],
])("an item whose label is %s waits, and nothing is launched for it", (_, label, faults) => {
  expect(readItems([{ ...linux, label }])).toMatchObject({
    items: [{ id: "a", wants: { kind: "unknown", because: faults }, labelOrigin: "none" }],
    faults,
    unread: 0,
  });
});

test("what is only for people stops nothing", () => {
  const read = readItems([{ ...linux, job: 7, url: [], why: null, waitingSince: "soon" }]);
  expect(read.items).toMatchObject([{ id: "a", job: "a", url: "", why: "", waitingSince: null }]);
  expect(wanted([{ ...linux, job: 7 }])).toEqual(["a: linux"]);
  expect(read.faults?.split("; items")).toHaveLength(4);
});

test.each<[string, unknown[]]>([
  ["before", [linux, { id: "a", label: 7 }]],
  ["after", [{ id: "a", label: 7 }, linux]],
])("an item that is told soundly %s it is told badly is known", (_, told) => {
  expect(wanted(told)).toEqual(["a: linux"]);
});

test("of many faults a few are told", () => {
  const read = readItems(Array.from({ length: 500 }, () => ({ id: 0 })));
  expect(read.unread).toBe(500);
  expect(read.faults).toMatch(/items\[4\]\.id = 0 must be a text; correct it; and 495 more$/);
});

test("whatever stands in an item, the others are wanted, and what is wanted may be published", () => {
  const hostile = fc.oneof(fc.anything(), fc.record({ id: fc.anything(), label: fc.anything(), job: fc.anything() }));
  fc.assert(
    fc.property(hostile, fc.nat(3), (bad, at) => {
      const good = [0, 1, 2].map((number) => ({ id: `good-${number}`, label: "linux" }));
      const { items, faults, unread } = readItems(good.toSpliced(at, 0, bad as never));
      expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(["good-0", "good-1", "good-2"]));
      for (const item of items) expect(queueItemSchema.safeParse(item).success).toBe(true);
      expect(items.length + unread).toBeLessThanOrEqual(4);
      if (unread > 0) expect(faults).toContain(`items[${at}]`);
    }),
  );
});
