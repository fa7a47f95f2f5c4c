import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { keys, nameOf, subjects, tokenOf } from "./subjects.ts";

// Many random cases, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 120_000 });

/** Any well-formed text: blanks, dots, wildcards, controls and every script. */
const name = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: "binary" }),
    fc.string({
      minLength: 1,
      maxLength: 12,
      unit: fc.constantFrom("a", "Z", "7", "-", "_", ".", "*", ">", " ", "2", "e", "ä", "/"),
    }),
  )
  .filter((text) => text.isWellFormed() && !text.startsWith("\uFEFF"));

describe("a name in a subject", () => {
  test.each([
    ["backend", "backend"],
    ["Back-end7", "Back-end7"],
    ["a.b", "a_2eb"],
    ["a_b", "a_5fb"],
    ["*", "_2a"],
    [">", "_3e"],
    ["a b", "a_20b"],
    ["ä", "_c3_a4"],
    ["folder/job", "folder_2fjob"],
  ])("%s is %s", (text, token) => {
    expect(tokenOf(text)).toBe(token);
    expect(nameOf(token)).toBe(text);
  });

  test("comes back as it was, out of one token that NATS allows", () =>
    fc.assert(
      fc.property(name, (text) => {
        expect(tokenOf(text)).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(nameOf(tokenOf(text))).toBe(text);
      }),
      { numRuns: 5000 },
    ));

  test("is another token for another name", () =>
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(tokenOf(one) === tokenOf(other)).toBe(one === other);
      }),
      { numRuns: 5000 },
    ));

  test("must not be empty", () => {
    expect(() => tokenOf("")).toThrow(RangeError);
  });

  test.each(["", "a.b", "_", "_2", "_2E", "_zz", "a_", "ä", "_ff", "_c3"])("'%s' is no token", (token) => {
    expect(nameOf(token)).toBeUndefined();
  });
});

describe("subjects and keys", () => {
  test("hold a name as one token, whatever is in it", () =>
    fc.assert(
      fc.property(name, name, (master, template) => {
        const tokens = (subject: string) => subject.split(".").length;
        expect(tokens(subjects.demand(master))).toBe(3);
        expect(tokens(subjects.look(master))).toBe(3);
        expect(tokens(subjects.plan(master))).toBe(3);
        expect(tokens(subjects.completion(master, "finished"))).toBe(4);
        expect(tokens(subjects.slave({ master, template, state: "busy" }))).toBe(5);
        expect(tokens(subjects.master(master, "reachable"))).toBe(4);
        expect(tokens(subjects.rpc("slave-supervisor", "drain", master))).toBe(5);
        expect(tokens(keys.slave(master, template))).toBe(2);
        expect(tokens(keys.ledger(master))).toBe(1);
        expect(tokens(keys.lease("slave-supervisor", master))).toBe(2);
      }),
    ));

  test("of different masters never meet", () => {
    expect(keys.slave("a", "b.c")).not.toBe(keys.slave("a.b", "c"));
    expect(subjects.rpc("api", "status")).not.toBe(subjects.rpc("api", "status", "a"));
  });
});
