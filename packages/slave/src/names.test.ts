import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { base32, epochOf, masterPart, parseSlaveName, slaveName } from "./names.ts";

// Many random cases, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 120_000 });

const dnsLabel = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const master = fc.oneof(
  fc.string({ minLength: 1, maxLength: 100, unit: "grapheme" }),
  fc.stringMatching(/^[a-z0-9]{1,8}(-{1,2}[a-z0-9]{1,8}){0,5}$/),
);
const epoch = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(epochOf);
const number = fc.oneof(fc.nat(40), fc.maxSafeNat());

describe("the part for the master", () => {
  test.each([
    ["backend", "backend"],
    ["a-1", "a-1"],
    ["x".repeat(30), "x".repeat(30)],
  ])("%s stays as it is", (name, part) => {
    expect(masterPart(name)).toBe(part);
  });

  test.each(["Backend", "back_end", "x".repeat(31), "-a", "a--b", "größe", "🙂", "a b"])(
    "%s is changed, with a digest",
    (name) => {
      expect(masterPart(name)).toMatch(/^[a-z0-9-]+--[0-9a-v]{6}$/);
    },
  );

  test("names that read alike stay apart", () => {
    const alike = ["back-end", "back_end", "back.end", "Back-end", "back--end", "back-end-", "BACK END"];
    expect(new Set(alike.map(masterPart)).size).toBe(alike.length);
  });

  test("no name can pass for another one's shortened form", () => {
    const shortened = masterPart("back_end");
    expect(masterPart(shortened)).not.toBe(shortened);
    expect(masterPart(masterPart("_"))).not.toBe(masterPart("_"));
  });

  test("different masters have different parts", () =>
    fc.assert(
      fc.property(master, master, (one, other) => {
        expect(masterPart(one) === masterPart(other)).toBe(one === other);
      }),
      { numRuns: 5000 },
    ));
});

describe("a slave's name", () => {
  test("is a DNS label of at most 63 characters, and tells epoch and number to its own master", () =>
    fc.assert(
      fc.property(master, epoch, number, (of, e, n) => {
        const name = slaveName({ master: of, epoch: e, number: n });
        expect(name).toMatch(dnsLabel);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(parseSlaveName(of, name)).toEqual({ epoch: e, number: n });
      }),
      { numRuns: 2000 },
    ));

  test("says nothing to another master", () =>
    fc.assert(
      fc.property(master, master, epoch, number, (one, other, e, n) => {
        fc.pre(one !== other);
        expect(parseSlaveName(other, slaveName({ master: one, epoch: e, number: n }))).toBeUndefined();
      }),
      { numRuns: 2000 },
    ));

  test.each([
    "ks-backend-",
    "ks-backend-abcd",
    "ks-backend-abcd01",
    "ks-backend-abcdz",
    "ks-backend-abcdvvvvvvvvvvv",
    "ks-backend-abcd1-x",
    "ks-other-abcd1",
    "jenkins-slave-1",
    "",
  ])("'%s' is none", (name) => {
    expect(parseSlaveName("backend", name)).toBeUndefined();
  });

  test("different slaves have different names", () =>
    fc.assert(
      fc.property(epoch, number, epoch, number, (e1, n1, e2, n2) => {
        const same = e1 === e2 && n1 === n2;
        const named = (e: string, n: number) => slaveName({ master: "m", epoch: e, number: n });
        expect(named(e1, n1) === named(e2, n2)).toBe(same);
      }),
    ));
});

test.each([-1, 0.5, Number.NaN, 2 ** 53])("%s is no slave number", (wrong) => {
  expect(() => base32(wrong)).toThrow(RangeError);
});

test("an epoch needs four random bytes", () => {
  expect(() => epochOf(new Uint8Array(3))).toThrow(RangeError);
  expect(epochOf(Uint8Array.from([0, 31, 32, 255]))).toBe("0v0v");
});
