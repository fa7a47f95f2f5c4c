import type { QueueItem } from "@kubestack/contracts";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { item, supply, template } from "./demand.fixture.ts";
import { isSatisfiedBy, isSatisfiedByAbsence, parseLabelExpression } from "./label-expression.ts";
import { type Decision, type LaunchTemplate, type Situation, shortfall } from "./shortfall.ts";
import type { Supply } from "./supply.ts";

// Many random cases, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 120_000 });

const decide = (of: Partial<Situation>): Decision =>
  shortfall({ items: [], supply: [], templates: [template("python"), template("java")], allowance: 1000, ...of });
const launched = ({ launches }: Decision) => launches.map(({ item: { id }, template: name }) => `${id} ${name}`);
const waits = ({ waiting }: Decision) =>
  Object.fromEntries(waiting.map(({ item: { id }, code, reason }) => [id, [code, reason]]));

describe("what is launched", () => {
  test("one slave for each item that no supply takes, oldest first, by the first template in config order", () => {
    const both = template("both", { labels: ["python", "java"] });
    const decision = decide({
      items: [item(3, "java"), item(1), item(2)],
      supply: [supply("s1")],
      templates: [template("python"), both, template("java")],
    });
    expect(launched(decision)).toEqual(["2 python", "3 both"]);
    expect(waits(decision)).toEqual({ 1: ["slave-coming", "s1 is online and will take it"] });
    expect(decision.launches[0]?.reason).toBe("for job 2, queue item 2");
  });

  test("an older item of another kind is given the slave that both could use", () => {
    const anyone = supply("s1", { labels: ["python", "java"] });
    expect(launched(decide({ items: [item(1, "java"), item(2)], supply: [anyone] }))).toEqual(["2 python"]);
    expect(launched(decide({ items: [item(2, "java"), item(1)], supply: [anyone] }))).toEqual(["2 java"]);
  });

  test("an item is moved to another slave where that lets one more be served", () => {
    const items = [item(1, "a || c"), item(2, "a || b"), item(3, "a || b")];
    const slaves = ["a", "b", "c"].map((name) => supply(name, { labels: [name] }));
    expect(decide({ items, supply: slaves }).launches).toEqual([]);
  });

  test("labels are those saved with the slave: after an edit of the template its old slaves are of no use (H16)", () => {
    const edited = template("python", { labels: ["python3"] });
    const decision = decide({ items: [item(1, "python3")], supply: [supply("s1")], templates: [edited] });
    expect([launched(decision), decision.surplus]).toEqual([["1 python"], ["s1"]]);
  });

  test("a build without a label is for templates that say so, and for their slaves", () => {
    const open = template("open", { unlabelled: true });
    expect(launched(decide({ items: [item(1, "")], templates: [template("python"), open] }))).toEqual(["1 open"]);
    expect(waits(decide({ items: [item(1, "")] }))).toEqual({ 1: ["not-ours", "no template serves no label"] });
    expect(decide({ items: [item(1, "")], supply: [supply("s1", { unlabelled: true })] }).launches).toEqual([]);
    const blank = { ...item(2), wants: { kind: "expression" as const, expression: "  " } };
    expect(launched(decide({ items: [blank], templates: [open] }))).toEqual(["2 open"]);
  });

  test("nothing while the master is paused, and each item that a template serves is told so, whatever else keeps it", () => {
    const full = template("go", { room: { slaves: 0, cap: "3/3 slaves" } });
    const held = template("java", { hold: "2 launches failed" });
    const decision = decide({
      items: [item(1), item(2), item(3, "go"), item(4, "java"), item(5, "win2012")],
      supply: [supply("s1")],
      templates: [template("python"), full, held],
      paused: "master m is paused by ann",
    });
    const paused = ["paused", "master m is paused by ann"];
    expect(decision.launches).toEqual([]);
    expect(waits(decision)).toEqual({
      1: ["slave-coming", "s1 is online and will take it"],
      2: paused,
      3: paused,
      4: paused,
      5: ["not-ours", "no template serves 'win2012'"],
    });
  });

  test("equal wishes are one, however they are written", () => {
    const decision = decide({ items: [item(1, "python&&(linux)"), item(2, " python  && linux")], templates: [] });
    expect(Object.values(waits(decision))).toEqual(Array(2).fill(["not-ours", "no template serves 'python && linux'"]));
  });
});

describe("what is not launched, and why", () => {
  test.each<[string, QueueItem, Partial<Situation>, string, string]>([
    [
      "a label nobody knows",
      { ...item(1), wants: { kind: "unknown", because: "hidden" } },
      {},
      "label-unknown",
      "its label is not known: hidden",
    ],
    ["a label no template has", item(1, "gpu"), {}, "not-ours", "no template serves 'gpu'"],
    [
      "a wish that the absence of labels satisfies",
      item(1, "!gpu"),
      {},
      "not-ours",
      "'!gpu' is satisfied by the absence of labels; no template matches so",
    ],
    [
      "a cap",
      item(1),
      { templates: [template("python", { room: { slaves: 0, cap: "5/5 slaves" } })] },
      "cap",
      "template python is at its cap: 5/5 slaves",
    ],
    [
      "a hold",
      item(1),
      { templates: [template("python", { hold: "its image can't be pulled" })] },
      "held",
      "template python is held: its image can't be pulled",
    ],
    ["the brake", item(1), { allowance: 0 }, "brake", "this minute's launches are used up"],
  ])("%s", (_, waiting, of, code, reason) => {
    const decision = decide({ items: [waiting], ...of });
    expect(decision.launches).toEqual([]);
    expect(waits(decision)).toEqual({ 1: [code, reason] });
  });

  test("caps, and launches a minute, are used up by the oldest items", () => {
    const items = [item(1), item(2), item(3)];
    const capped = decide({ items, templates: [template("python", { room: { slaves: 2, cap: "2/2" } })] });
    expect([launched(capped), waits(capped)[3]?.[0]]).toEqual([["1 python", "2 python"], "cap"]);
    const braked = decide({ items, allowance: 1 });
    expect([launched(braked), waits(braked)[3]?.[0]]).toEqual([["1 python"], "brake"]);
  });

  test("where the first template is full or held the next that fits is taken", () => {
    const full = template("python", { room: { slaves: 1, cap: "1/1" } });
    const spare = template("spare", { labels: ["python"] });
    expect(launched(decide({ items: [item(1), item(2)], templates: [full, spare] }))).toEqual(["1 python", "2 spare"]);
    const held = template("python", { hold: "no" });
    expect(launched(decide({ items: [item(1)], templates: [held, spare] }))).toEqual(["1 spare"]);
  });
});

describe("an item that names one of our slaves (H18)", () => {
  test("launches nothing, and keeps that slave from being surplus", () => {
    const decision = decide({ items: [item(1, "s1")], supply: [supply("s1"), supply("s2")] });
    expect(waits(decision)).toEqual({ 1: ["own-slave", "it waits for the slave s1 itself"] });
    expect([decision.launches, decision.surplus]).toEqual([[], ["s2"]]);
  });

  test("is not waited for by others: they are moved to another slave, or get a new one", () => {
    const items = [item(1), item(2, "s1")];
    expect(decide({ items, supply: [supply("s1"), supply("s2")] }).launches).toEqual([]);
    expect(launched(decide({ items: [item(2), item(1, "s1")], supply: [supply("s1")] }))).toEqual(["2 python"]);
  });

  test("launches nothing though that slave is no supply: it is kept for just this build (H25)", () => {
    expect(waits(decide({ items: [item(1, "s9")], ownNames: ["s9"] }))).toEqual({
      1: ["own-slave", "it waits for the slave s9 itself"],
    });
  });

  test("launches nothing though another item has the slave, and though its slave is gone", () => {
    const taken = decide({ items: [item(1), item(2, "s1")], supply: [supply("s1")] });
    expect([launched(taken), waits(taken)[2]?.[0]]).toEqual([[], "own-slave"]);
    expect(decide({ items: [item(1, "s1")] }).launches).toEqual([]);
  });

  test("the name of a foreign node is a label like others", () => {
    const foreign = supply("agent-1#0", { template: "", labels: ["python", "agent-1"] });
    expect(waits(decide({ items: [item(1, "agent-1")], supply: [foreign] }))[1]?.[0]).toBe("slave-coming");
  });
});

describe("a held template (H19)", () => {
  const held = [template("python", { hold: "no node takes it" }), template("spare", { labels: ["python"] })];

  test("its slaves that are not online do not keep an item from the next template", () => {
    const stuck = supply("s1", { stage: "scheduled" });
    const decision = decide({ items: [item(1)], supply: [stuck], templates: held });
    expect(launched(decision)).toEqual(["1 spare"]);
    // It may still serve: it is no surplus before the other one is there.
    expect(decision.surplus).toEqual([]);
    const later = (stage: "requested" | "online") => supply("s2", { stage, template: "spare" });
    const under = (stage: "requested" | "online") =>
      decide({ items: [item(1)], supply: [stuck, later(stage)], templates: held });
    expect([launched(under("requested")), under("requested").surplus]).toEqual([[], []]);
    expect([launched(under("online")), under("online").surplus]).toEqual([[], ["s1"]]);
  });

  test("its slaves that are online count, and those of others as ever", () => {
    expect(decide({ items: [item(1)], supply: [supply("s1")], templates: held }).launches).toEqual([]);
    const coming = supply("s2", { stage: "requested", template: "spare" });
    expect(decide({ items: [item(1)], supply: [coming], templates: held }).launches).toEqual([]);
  });

  test("with no other template its slaves are kept, and the item is told of the hold", () => {
    const decision = decide({
      items: [item(1)],
      supply: [supply("s1", { stage: "requested" })],
      templates: held.slice(0, 1),
    });
    expect([decision.launches, decision.surplus, waits(decision)[1]?.[0]]).toEqual([[], [], "held"]);
  });
});

describe("surplus", () => {
  test("least advanced first, then the youngest; foreign agents never", () => {
    const decision = decide({
      supply: [
        supply("ks-m-abcd9"),
        supply("ks-m-abcd10"),
        supply("ks-m-abcdb", { stage: "requested" }),
        supply("ks-m-abcda", { stage: "scheduled" }),
        supply("agent-1#0", { template: "" }),
      ],
    });
    expect(decision.surplus).toEqual(["ks-m-abcdb", "ks-m-abcda", "ks-m-abcd10", "ks-m-abcd9"]);
  });

  test("the least advanced of those that would do, even where an item must be moved for it", () => {
    const decision = decide({
      items: [item(1, "a || b"), item(2, "a || c")],
      supply: [
        supply("s1", { labels: ["a"] }),
        supply("s2", { labels: ["b"] }),
        supply("s3", { labels: ["c"], stage: "requested" }),
      ],
    });
    expect(decision.surplus).toEqual(["s3"]);
  });
});

const labels = ["a", "b", "c"];
const wish = fc.constantFrom("a", "b", "a || b", "a && b", "b || c", "!a", "a && !c", "c", "");
const items = fc.uniqueArray(fc.record({ id: fc.integer({ min: 1, max: 99 }), wants: wish }), {
  selector: ({ id }) => id,
  maxLength: 8,
});
const slaves = fc.uniqueArray(
  fc.record<Supply>({
    name: fc.integer({ min: 1, max: 99 }).map((n) => `ks-m-abcd${n}`),
    labels: fc.subarray(labels),
    stage: fc.constantFrom("online", "scheduled", "requested"),
    template: fc.constantFrom("t0", "t1", "t2"),
    unlabelled: fc.boolean(),
  }),
  { selector: ({ name }) => name, maxLength: 8 },
);
const templates: fc.Arbitrary<LaunchTemplate[]> = fc
  .array(fc.record({ labels: fc.subarray(labels), unlabelled: fc.boolean() }), { maxLength: 3 })
  .map((list) => list.map((of, index) => template(`t${index}`, of)));
const situation = fc.record({ items, slaves, templates }).map((of) => ({
  items: of.items.map(({ id, wants }) => item(id, wants)),
  supply: of.slaves,
  templates: of.templates,
  allowance: 1000,
}));
const holds = (check: (of: Situation) => void) => fc.assert(fc.property(situation, check), { numRuns: 2000 });
const expressionOf = ({ wants }: QueueItem) => (wants.kind === "expression" ? wants.expression : "");

function canUse(of: QueueItem, to: { labels: readonly string[]; unlabelled: boolean }): boolean {
  const text = expressionOf(of);
  return text === "" ? to.unlabelled : isSatisfiedBy(parseLabelExpression(text), new Set(to.labels));
}

function isServable(of: QueueItem, by: readonly LaunchTemplate[]): boolean {
  const text = expressionOf(of);
  if (text !== "" && isSatisfiedByAbsence(parseLabelExpression(text))) return false;
  return by.some((one) => canUse(of, one));
}

/** The size of a maximum matching, by the plainest augmenting search over items and slaves themselves. */
function greatestMatching(of: readonly QueueItem[], by: readonly Supply[]): number {
  const takenBy = new Map<Supply, QueueItem>();
  const seat = (one: QueueItem, seen: Set<Supply>): boolean =>
    by.some((place) => {
      if (seen.has(place) || !canUse(one, place)) return false;
      seen.add(place);
      const other = takenBy.get(place);
      if (other !== undefined && !seat(other, seen)) return false;
      takenBy.set(place, one);
      return true;
    });
  return of.filter((one) => seat(one, new Set())).length;
}

describe("for any items, slaves and templates", () => {
  test("I1: where every item has an open template, launches are the items less the greatest matching", () =>
    holds((of) => {
      const servable = of.items.filter((one) => isServable(one, of.templates));
      const { launches } = shortfall({ ...of, items: servable });
      expect(launches).toHaveLength(servable.length - greatestMatching(servable, of.supply));
    }));

  test("I2: the same round decided again, with what was launched, launches nothing", () =>
    holds((of) => {
      const servable = of.items.filter((one) => isServable(one, of.templates));
      const first = shortfall({ ...of, items: servable });
      const born = first.launches.map(({ template: name }, index): Supply => {
        const from = of.templates.find((one) => one.name === name);
        return {
          name: `new-${index}`,
          labels: from?.labels ?? [],
          stage: "requested",
          template: name,
          unlabelled: from?.unlabelled ?? false,
        };
      });
      expect(shortfall({ ...of, items: servable, supply: [...of.supply, ...born] }).launches).toEqual([]);
    }));

  test("I3: one more slave never raises launches, one more item raises them by 0 or 1", () =>
    fc.assert(
      fc.property(situation, slaves, wish, (of, more, wants) => {
        const count = shortfall(of).launches.length;
        const [extra] = more;
        if (extra !== undefined) {
          const withSlave = shortfall({ ...of, supply: [...of.supply, { ...extra, name: "ks-m-extra" }] });
          expect([count, count - 1]).toContain(withSlave.launches.length);
        }
        const withItem = shortfall({ ...of, items: [...of.items, item(50, wants)] });
        if (of.items.every(({ id }) => id !== "50")) expect([count, count + 1]).toContain(withItem.launches.length);
      }),
      { numRuns: 2000 },
    ));

  test("I4: any order, and any repetition, gives the same decision", () =>
    fc.assert(
      fc.property(situation, fc.infiniteStream(fc.nat()), (of, numbers) => {
        const shuffled = <T>(list: readonly T[]) =>
          [...list, ...list.slice(0, 2)]
            .map((value) => [numbers.next().value ?? 0, value] as const)
            .sort(([a], [b]) => a - b)
            .map(([, value]) => value);
        expect(shortfall({ ...of, items: shuffled(of.items), supply: shuffled(of.supply) })).toEqual(shortfall(of));
      }),
      { numRuns: 1000 },
    ));

  test("I5: each item has exactly one intent or one written reason", () =>
    holds((of) => {
      const { launches, waiting } = shortfall(of);
      const named = [...launches, ...waiting].map(({ item: { id } }) => id).sort();
      expect(named).toEqual(of.items.map(({ id }) => id).sort());
      for (const { reason } of [...launches, ...waiting]) expect(reason).not.toBe("");
    }));

  test("I6: caps or holds that change make no matched slave surplus", () =>
    fc.assert(
      fc.property(situation, fc.subarray([0, 1, 2]), fc.boolean(), (of, which, byHold) => {
        const changed = of.templates.map((one, index): LaunchTemplate => {
          if (!which.includes(index)) return one;
          return byHold ? { ...one, hold: "failing" } : { ...one, room: { slaves: 0, cap: "full" } };
        });
        const before = new Set(shortfall(of).surplus);
        for (const name of shortfall({ ...of, templates: changed }).surplus) expect(before).toContain(name);
      }),
      { numRuns: 2000 },
    ));

  test("no template is given more than its room, and no pass more than the brake allows", () =>
    fc.assert(
      fc.property(situation, fc.nat(3), fc.nat(4), (of, slavesLeft, allowance) => {
        const capped = of.templates.map((one) => ({ ...one, room: { slaves: slavesLeft, cap: "" } }));
        const { launches } = shortfall({ ...of, templates: capped, allowance });
        expect(launches.length).toBeLessThanOrEqual(allowance);
        for (const { name } of capped)
          expect(launches.filter((one) => one.template === name).length).toBeLessThanOrEqual(slavesLeft);
      }),
    ));
});
