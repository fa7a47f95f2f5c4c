import { describe, expect, test } from "vitest";
import { recordIn, template } from "../slave-record.fixture.ts";
import { narrowest, sharesUnder } from "./template-shares.ts";

const gibi = 1024 ** 3;
const small = template({ cpu: "1", memory: "1Gi", weight: 2, priority: 3, overrides: { cpu: { max: "8" } } });

function launched(count: number, size?: { cpu: string }) {
  const alive = Array.from({ length: count }, () => ({ record: recordIn("busy", size === undefined ? {} : { size }) }));
  return { alive, planned: [] };
}

describe("what a template has of what its master may have", () => {
  test("is slaves, where nothing else is capped", () => {
    const share = sharesUnder({ slaves: 10 }, [small])(small, launched(3, { cpu: "8" }));
    expect([share.priority, share.weight, share.used, share.askOf({ cpu: "8" })]).toEqual([3, 2, 3, 1]);
  });

  test("is the part of the resource of which it has the most, with the sizes that builds asked for", () => {
    const shareOf = sharesUnder({ slaves: 100, cpu: 40_000, memory: 100 * gibi }, [small]);
    expect(shareOf(small, launched(4)).used).toBeCloseTo(0.1);
    const large = shareOf(small, launched(2, { cpu: "8" }));
    expect([large.used, large.askOf(undefined), large.askOf({ cpu: "4" })]).toEqual([0.4, 0.025, 0.1]);
  });

  test("counts what is launched in this pass already", () => {
    const planned = [{ item: {} as never, template: "python", reason: "" }];
    expect(sharesUnder({}, [small])(small, { ...launched(1), planned }).used).toBe(2);
  });
});

test.each([
  [{}, {}, {}],
  [{ slaves: 5 }, {}, { slaves: 5 }],
  [
    { slaves: 5, cpu: 2000 },
    { slaves: 3, memory: gibi },
    { slaves: 3, cpu: 2000, memory: gibi },
  ],
  [{ slaves: Number.POSITIVE_INFINITY }, { cpu: 1 }, { cpu: 1 }],
])("of %o and %o the narrowest is %o", (one, other, both) => expect(narrowest(one, other)).toEqual(both));
