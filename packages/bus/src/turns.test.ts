import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Member } from "./members.ts";
import { inOrderFor } from "./rendezvous.ts";
import { longestSettleMs, rankMs, settleMs, successorOf, waitMs } from "./turns.ts";

const hour = 3_600_000;
const [first = "", second = "", third = ""] = inOrderFor("m", ["a", "b", "c"]);

function member(process: string, of: Partial<Member> & { masters?: string[] } = {}): Member {
  return { process, serves: new Set(of.masters ?? ["m"]), holds: new Set(), since: 0, heardAt: 0, ...of };
}
const seenBy = (self: string, ...others: Member[]) => ({ master: "m", self, others });

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
});

describe("a holder hands over", () => {
  const now = 2 * hour;
  const held = (changed: object = {}) => ({ heldSince: 0, handedOverAt: [], now, ...changed });
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

  test("never in a circle: who gets it has nobody to give it to, of those that both know", () => {
    const processes = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), processes, (master, [self = "", ...names]) => {
        const known = names.map((process) => member(process, { masters: [master] }));
        const to = successorOf({ master, self, others: known }, held());
        if (to === undefined) return;
        const others = [self, ...names].filter((one) => one !== to).map((one) => member(one, { masters: [master] }));
        expect(successorOf({ master, self: to, others }, held())).toBeUndefined();
      }),
    );
  });
});
