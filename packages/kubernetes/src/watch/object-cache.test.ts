import { describe, expect, test } from "vitest";
import { ObjectCache, type ObservedObject } from "./object-cache.ts";

const seen = (
  name: string,
  uid: string,
  revision: number,
  value: string | null = `${uid}@${revision}`,
): ObservedObject<string> => ({
  name,
  uid,
  revision: String(revision),
  value,
});

describe("ObjectCache", () => {
  test("first list, change, and end are told once each", () => {
    const cache = new ObjectCache<string>();
    expect(cache.applyList({ revision: "5", objects: [seen("a", "u1", 3)] })).toEqual([
      { kind: "added", name: "a", value: "u1@3", previous: undefined },
    ]);
    expect(cache.put(seen("a", "u1", 6))).toEqual([{ kind: "changed", name: "a", value: "u1@6", previous: "u1@3" }]);
    expect(cache.remove(seen("a", "u1", 7))).toEqual([{ kind: "gone", name: "a", value: "u1@7", previous: "u1@6" }]);
    expect(cache.remove(seen("a", "u1", 7))).toEqual([]);
    expect(cache.all()).toEqual([]);
    expect(cache.revision).toBe("7");
  });

  test("deleted and made again while nobody looked is gone, then added", () => {
    const cache = new ObjectCache<string>();
    cache.applyList({ revision: "5", objects: [seen("a", "u1", 3)] });
    const changes = cache.applyList({ revision: "9", objects: [seen("a", "u2", 8)] });
    expect(changes.map(({ kind, value }) => [kind, value])).toEqual([
      ["gone", "u1@3"],
      ["added", "u2@8"],
    ]);
  });

  test("the same list again changes nothing", () => {
    const cache = new ObjectCache<string>();
    const list = { revision: "5", objects: [seen("a", "u1", 3), seen("b", "u2", 4)] };
    cache.applyList(list);
    expect(cache.applyList(list)).toEqual([]);
  });

  test("an object that stops being of interest is gone; one that never was is nothing", () => {
    const cache = new ObjectCache<string>();
    cache.put(seen("a", "u1", 3));
    expect(cache.put(seen("a", "u1", 4, null)).map((change) => change.kind)).toEqual(["gone"]);
    expect(cache.put(seen("b", "u2", 5, null))).toEqual([]);
    expect(cache.remove(seen("b", "u2", 6, null))).toEqual([]);
  });

  test("a bookmark moves the place to resume from, never back", () => {
    const cache = new ObjectCache<string>();
    cache.advance("10");
    cache.advance("9");
    expect(cache.revision).toBe("10");
  });

  test("a store that went back replaces everything, whatever the revisions say", () => {
    const cache = new ObjectCache<string>();
    cache.applyList({ revision: "100", objects: [seen("a", "u1", 90), seen("b", "u2", 95), seen("c", "u3", 96)] });
    const restored = { revision: "50", objects: [seen("a", "u1", 40), seen("b", "u9", 45)] };
    expect(cache.isStale(restored, cache.revision)).toBe(true);
    const changes = cache.replaceAll(restored);
    expect(changes.map(({ kind, name, value }) => `${kind} ${name} ${value}`)).toEqual([
      "gone c u3@96",
      "changed a u1@40",
      "gone b u2@95",
      "added b u9@45",
    ]);
    expect(cache.revision).toBe("50");
    expect(cache.put(seen("a", "u1", 51)).map((change) => change.kind)).toEqual(["changed"]);
  });
});
