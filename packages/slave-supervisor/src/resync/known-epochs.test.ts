import { expect, test } from "vitest";
import { epochsIn, knows, merged, textOf } from "./known-epochs.ts";

const known = (of: Record<string, string[]>) => new Map(Object.entries(of));

test.each<[string, string | undefined, Record<string, string[]>]>([
  ["nothing", undefined, {}],
  ["no JSON", "{", {}],
  ["null", "null", {}],
  ["a list", "[1]", { 0: [] }],
  ["two masters", '{"a":["0000"],"b":["0001","00v1"]}', { a: ["0000"], b: ["0001", "00v1"] }],
  ["what no epoch can be", '{"a":["0000","",7,"00000","wxyz",null],"b":"0001"}', { a: ["0000"], b: [] }],
])("an annotation that says %s is read as far as it can be", (_, text, expected) => {
  expect(Object.fromEntries(epochsIn(text))).toEqual(expected);
});

test("what is kept and what is wanted are one, each epoch once, without the masters that are left", () => {
  const both = merged(
    known({ a: ["1111", "2222"], b: ["3333"] }),
    known({ a: ["2222", "4444"], c: ["5555"] }),
    new Set(["b"]),
  );
  expect(Object.fromEntries(both)).toEqual({ a: ["1111", "2222", "4444"], c: ["5555"] });
});

test("of one master the newest are kept", () => {
  const epochs = Array.from({ length: 40 }, (_, at) => `00${String(at).padStart(2, "0")}`);
  const kept = merged(new Map(), known({ a: epochs }));
  expect(kept.get("a")).toEqual(epochs.slice(-16));
  expect(knows(kept, "a", epochs)).toBe(true);
  expect(knows(kept, "b", epochs)).toBe(false);
});

test("a text stays as short as an object may bear, and the newest epoch of each master is in it", () => {
  const epochs = Array.from({ length: 16 }, (_, at) => `00${String(at).padStart(2, "0")}`);
  const many = new Map(Array.from({ length: 3_000 }, (_, at) => [`a-master-with-a-name-${at}`, epochs]));
  const text = textOf(many);
  expect(text.length).toBeLessThan(256 * 1024);
  expect([...epochsIn(text).values()].every((of) => of.at(-1) === "0015")).toBe(true);
});
