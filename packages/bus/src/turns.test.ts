import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Member } from "./members.ts";
import { inOrderFor } from "./rendezvous.ts";
import { longestSettleMs, rankMs, settleMs, successorOf, waitMs } from "./turns.ts";

const hour = 3_600_000;
const [first = "", second = "", third = ""] = inOrderFor("m", ["a", "b", "c"]);

function member(process: string, of: Partial<Member> & { masters?: string[] } = {}): Member {
  return { process, serves: new Set(of.masters ?? ["m"]), holds: new Set(), unable: "", since: 0, heardAt: 0, ...of };
}
const seenBy = (self: string, ...others: Member[]) => ({ master: "m", self, isAble: true, others });
const unable = "it is cut off";

describe("who waits for a free lease", () => {
  test.each<[string, string, Member[], string | undefined, number]>([
    ["the first takes it at once", first, [member(second), member(third)], undefined, 0],
    ["the second waits for the first", second, [member(first), member(third)], undefined, rankMs],
    ["the last waits for both", third, [member(first), member(second)], undefined, 2 * rankMs],
    ["who is alone waits for nobody", third, [], undefined, 0],
    ["the dead are not waited for", second, [member(first), member(third)], first, 0],
    ["nor who does not serve the master", second, [member(first, { masters: ["other"] })], undefined, 0],
  ])("%s", (_, self, others, except, expected) => {
    expect(waitMs(seenBy(self, ...others), except)).toBe(expected);
  });

  const cut = (process: string) => member(process, { unable });
  test.each<[string, string, boolean, Member[], number]>([
    ["the second takes it at once where the first can't work", second, true, [cut(first), member(third)], 0],
    ["the third waits for the second alone then", third, true, [cut(first), member(second)], rankMs],
    ["the first waits for all who can while it can't", first, false, [member(second), member(third)], 2 * rankMs],
    ["but takes it where nobody else is", first, false, [], 0],
    ["or nobody else can either", first, false, [cut(second), cut(third)], 0],
    ["and the others wait for it as ever then", second, false, [cut(first), cut(third)], rankMs],
  ])("%s", (_, self, isAble, others, expected) => {
    expect(waitMs({ ...seenBy(self, ...others), isAble })).toBe(expected);
  });
});

describe("a holder hands over", () => {
  const now = 2 * hour;
  const held = (changed: object = {}) => ({ heldSince: 0, unableSince: undefined, handedOverAt: [], now, ...changed });
  test.each<[string, string, Member[], object, string | undefined]>([
    ["to who comes first and has lived for a while", second, [member(first)], {}, first],
    ["to nobody where it comes first itself", first, [member(second), member(third)], {}, undefined],
    ["to nobody where it is alone", third, [], {}, undefined],
    ["to the first, not to the second", third, [member(second), member(first)], {}, first],
    ["not to one that does not serve the master", third, [member(first, { masters: [] })], {}, undefined],
    ["not to one that has just come", second, [member(first, { since: now - settleMs + 1 })], {}, undefined],
    ["to one that has come just long enough ago", second, [member(first, { since: now - settleMs })], {}, first],
    ["not what it has just taken", second, [member(first)], { heldSince: now - settleMs + 1 }, undefined],
    ["not so soon again", second, [member(first, { since: now - settleMs })], { handedOverAt: [now - 1] }, undefined],
    ["but after twice the time", second, [member(first, { since: now - 2 * settleMs })], { handedOverAt: [1] }, first],
    [
      "as before after an hour",
      second,
      [member(first, { since: now - settleMs })],
      { handedOverAt: [now - hour] },
      first,
    ],
    [
      "in the end after ten minutes, however often before",
      second,
      [member(first, { since: now - longestSettleMs })],
      { handedOverAt: Array.from({ length: 100 }, () => now - 1) },
      first,
    ],
  ])("%s", (_, self, others, changed, expected) => {
    expect(successorOf(seenBy(self, ...others), held(changed))).toBe(expected);
  });

  const cut = (process: string, since = 0) => member(process, { unable, since });
  test.each<[string, string, boolean, Member[], string | undefined]>([
    ["that can't work: to the first who can, though it comes after", first, false, [cut(second), member(third)], third],
    ["that can't work: to the first of several", first, false, [member(third), member(second)], second],
    ["that can't work: to nobody where nobody can", third, false, [cut(first), cut(second)], undefined],
    ["that can't work: not to one that has just come", first, false, [member(second, { since: now })], undefined],
    ["that can't work: to nobody where it is alone", first, false, [], undefined],
    ["not to the first while that one can't work", second, true, [cut(first), member(third)], undefined],
    ["but to the next who can and comes before", third, true, [cut(first), member(second)], second],
  ])("%s", (_, self, isAble, others, expected) => {
    const unableSince = isAble ? undefined : 0;
    expect(successorOf({ ...seenBy(self, ...others), isAble }, held({ unableSince }))).toBe(expected);
  });

  test("that has just ceased to be able waits whether others cease to be too", () => {
    const candidates = { ...seenBy(first, member(second)), isAble: false };
    expect(successorOf(candidates, held({ unableSince: now - settleMs + 1 }))).toBeUndefined();
    expect(successorOf(candidates, held({ unableSince: now - settleMs }))).toBe(second);
  });

  test("never in a circle: who gets it has nobody to give it to, of those that both know", () => {
    const all = fc.uniqueArray(
      fc.record({ process: fc.string({ minLength: 1, maxLength: 6 }), isAble: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 6,
        selector: ({ process }) => process,
      },
    );
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), all, (master, processes) => {
        const to = (self: string | undefined): string | undefined => {
          const others = processes
            .filter(({ process }) => process !== self)
            .map(({ process, isAble }) => member(process, { masters: [master], unable: isAble ? "" : unable }));
          const isAble = processes.some(({ process, isAble }) => process === self && isAble);
          return self === undefined ? undefined : successorOf({ master, self, isAble, others }, held());
        };
        expect(to(to(processes[0]?.process))).toBeUndefined();
      }),
    );
  });
});
