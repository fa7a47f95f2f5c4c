import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { template } from "./demand.fixture.ts";
import { type WarmSituation, warmShortfall } from "./warm.ts";

const java = { template: "java", idle: 3, because: "warm" };
const python = { template: "python", idle: 2, because: "warm: 0 7 * * 1-5, until 18:00 Europe/Berlin" };
const room = (slaves: number) => ({ room: { slaves, cap: `${slaves}/9 slaves` } });
const decide = (of: Partial<WarmSituation>) => {
  const { launches, short } = warmShortfall({
    wishes: [java, python],
    unclaimed: new Map(),
    templates: [template("java"), template("python")],
    allowance: 100,
    ...of,
  });
  return {
    launched: launches.map((one) => one.template).join(" "),
    short: short.map((one) => [one.template, one.count, one.code, one.reason]),
  };
};

describe("what is launched to be idle", () => {
  test("what is missing, with its reason", () => {
    const unclaimed = new Map([["java", 2]]);
    expect(decide({ unclaimed })).toEqual({ launched: "java python python", short: [] });
    const { launches } = warmShortfall({ wishes: [python], unclaimed, templates: [template("python")], allowance: 9 });
    expect(launches[0]).toEqual({
      template: "python",
      reason: "to keep 2 idle (warm: 0 7 * * 1-5, until 18:00 Europe/Berlin)",
    });
  });

  test.each<[string, Partial<WarmSituation>, string, unknown[]]>([
    [
      "more than are to be are idle",
      {
        unclaimed: new Map([
          ["java", 9],
          ["python", 2],
        ]),
      },
      "",
      [],
    ],
    ["a template that is not there", { templates: [template("java")] }, "java java java", []],
    [
      "a cap of the template",
      { templates: [template("java", room(1)), template("python")] },
      "java python python",
      [["java", 2, "cap", "template java is at its cap: 1/9 slaves"]],
    ],
    [
      "a cap of several templates",
      {
        templates: ["java", "python"].map((name) =>
          template(name, { shared: { name: "team", slaves: 4, cap: "4/4 slaves of team" } }),
        ),
      },
      "java java java python",
      [["python", 1, "cap", "template python is at its cap: 4/4 slaves of team"]],
    ],
    [
      "the master's cap",
      { room: { slaves: 2, cap: "5/7 slaves of master m" } },
      "java java",
      [
        ["java", 1, "cap", "its master is at its cap: 5/7 slaves of master m"],
        ["python", 2, "cap", "its master is at its cap: 5/7 slaves of master m"],
      ],
    ],
    [
      "a hold",
      { templates: [template("java", { hold: "2 launches failed" }), template("python")] },
      "python python",
      [["java", 3, "held", "template java is held: 2 launches failed"]],
    ],
    [
      "a pause",
      { paused: "master m is paused by ann", wishes: [java] },
      "",
      [["java", 3, "paused", "master m is paused by ann"]],
    ],
    [
      "the brake",
      { allowance: 4, brake: "launching has stopped" },
      "java java java python",
      [["python", 1, "brake", "launching has stopped"]],
    ],
    [
      "room that is less than none",
      { templates: [template("java", room(-2))], wishes: [java] },
      "",
      [["java", 3, "cap", "template java is at its cap: -2/9 slaves"]],
    ],
  ])("as far as it is allowed: %s", (_, of, launched, short) => {
    expect(decide(of)).toEqual({ launched, short });
  });
});

describe("for any wishes, caps and slaves", () => {
  const names = ["a", "b", "c"];
  const wishes = fc.uniqueArray(
    fc.record({ template: fc.constantFrom(...names), idle: fc.nat(6), because: fc.constant("warm") }),
    { selector: (one) => one.template, maxLength: 3 },
  );
  const situation = fc.record({
    wishes,
    unclaimed: fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(6)), { maxLength: 3 }).map((list) => new Map(list)),
    templates: fc
      .tuple(...names.map(() => fc.integer({ min: -1, max: 6 })))
      .map((slaves) => slaves.map((count, at) => template(names[at] ?? "", room(count)))),
    allowance: fc.nat(10),
    room: fc.record({ slaves: fc.integer({ min: -1, max: 10 }), cap: fc.constant("cap") }),
  });

  test("decided again with what was launched it launches nothing, and no cap is passed", () => {
    fc.assert(
      fc.property(situation, (of) => {
        const { launches, short } = warmShortfall(of);
        const count = (name: string) => launches.filter((one) => one.template === name).length;
        expect(launches.length).toBeLessThanOrEqual(Math.max(0, Math.min(of.allowance, of.room.slaves)));
        for (const one of of.templates) expect(count(one.name)).toBeLessThanOrEqual(Math.max(0, one.room.slaves));
        for (const { template: name, idle } of of.wishes) {
          const missing = Math.max(0, idle - (of.unclaimed.get(name) ?? 0));
          expect(count(name) + (short.find((one) => one.template === name)?.count ?? 0)).toBe(missing);
        }
        const unclaimed = new Map(names.map((name) => [name, (of.unclaimed.get(name) ?? 0) + count(name)]));
        const templates = of.templates.map((one) => template(one.name, room(one.room.slaves - count(one.name))));
        const after = { slaves: of.room.slaves - launches.length, cap: "cap" };
        const again = { ...of, unclaimed, templates, room: after, allowance: of.allowance - launches.length };
        expect(warmShortfall(again).launches).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
