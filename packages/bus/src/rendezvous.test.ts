import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inOrderFor } from "./rendezvous.ts";

const name = fc.string({ minLength: 1, maxLength: 12 });
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 8 });

describe("the order", () => {
  test("is the same whoever asks, however the processes are listed", () => {
    fc.assert(
      fc.property(name, names, (thing, processes) => {
        expect(inOrderFor(thing, processes.toReversed())).toEqual(inOrderFor(thing, processes));
      }),
    );
  });

  test("of the others does not change for one process more or less", () => {
    fc.assert(
      fc.property(name, names, (thing, processes) => {
        const [gone = "", ...others] = processes;
        const order = inOrderFor(thing, processes);
        expect(order.toSorted()).toEqual(processes.toSorted());
        expect(order.filter((process) => process !== gone)).toEqual(inOrderFor(thing, others));
      }),
    );
  });

  test("is fixed: releases that run side by side agree on it", () => {
    expect(inOrderFor("backend", ["kubestackd-1", "kubestackd-2", "kubestackd-3"])).toEqual([
      "kubestackd-3",
      "kubestackd-1",
      "kubestackd-2",
    ]);
    expect(inOrderFor("backend", [])).toEqual([]);
  });
});

describe("the share of a process", () => {
  const things = Array.from({ length: 2000 }, (_, at) => `master-${at}`);
  const firsts = (processes: readonly string[]) => things.map((thing) => inOrderFor(thing, processes)[0]);

  test.each([2, 3, 5, 10])("of %i is about as large as any other's", (count) => {
    const processes = Array.from({ length: count }, (_, at) => `slave-supervisor-${at}f00${at}`);
    const shares = processes.map((process) => firsts(processes).filter((first) => first === process).length);
    for (const share of shares) {
      expect(share).toBeGreaterThan((things.length / count) * 0.8);
      expect(share).toBeLessThan((things.length / count) * 1.2);
    }
  });

  test("of one more is all that moves, and it moves there", () => {
    const before = ["a1b2", "c3d4", "e5f6"];
    const after = [...before, "9788"];
    const [was, is] = [firsts(before), firsts(after)];
    const moved = is.filter((first, at) => first !== was[at]);
    expect(new Set(moved)).toEqual(new Set(["9788"]));
    expect(moved.length / things.length).toBeGreaterThan(0.2);
    expect(moved.length / things.length).toBeLessThan(0.3);
  });
});
