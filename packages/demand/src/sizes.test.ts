import { quantityAmount } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { item, supply, template } from "./demand.fixture.ts";
import { parseLabelExpression } from "./label-expression.ts";
import { type Situation, shortfall } from "./shortfall.ts";
import { offerOf } from "./sizes.ts";

const overrides = { cpu: { min: "500m", max: "8" }, memory: { min: "16Mi", max: "32Gi" } };
const maven = template("maven", { labels: ["maven", "linux"], overrides });

const offer = (text: string, of = maven) => offerOf(text === "" ? null : parseLabelExpression(text), of);

describe("what a template with sizes serves", () => {
  test.each<[string, string[]]>([
    ["maven", []],
    ["maven && !cpu=4", []],
    ["maven || cpu=4", []],
    ["maven && (linux || cpu=4)", []],
    ["maven && cpu=4", ["cpu=4"]],
    ["maven && cpu=4 && memory=8Gi", ["cpu=4", "memory=8Gi"]],
    ["memory=8Gi&&cpu=4&&maven", ["cpu=4", "memory=8Gi"]],
    ["linux && cpu=500m", ["cpu=500m"]],
    ["maven && memory=1.5Gi", ["memory=1.5Gi"]],
    ["maven && cpu=8", ["cpu=8"]],
    ["maven && (cpu=4 || cpu=2)", ["cpu=2"]],
    ["maven && (cpu=2 && memory=8Gi || cpu=4)", ["cpu=4"]],
    ["maven && (cpu=16 || cpu=6)", ["cpu=6"]],
    ["maven && (cpu=16 || cpu=6 && memory=4Gi)", ["cpu=6", "memory=4Gi"]],
    ["maven && (gpu=1 || cpu=6)", ["cpu=6"]],
    ["maven && cpu=4 && !memory=8Gi", ["cpu=4"]],
    ["maven && cpu=1 && cpu=1000m", ["cpu=1", "cpu=1000m"]],
    ['maven && "cpu=4"', ["cpu=4"]],
  ])("%s by the further labels %j", (text, labels) => {
    const found = offer(text);
    expect(found.kind === "serves" ? (found.sized?.labels ?? []) : found).toEqual(labels);
  });

  test("the pod has what was asked for, and the rest by its template", () => {
    const sized = { labels: ["cpu=4", "memory=8Gi"], size: { cpu: "4", memory: "8Gi" } };
    expect(offer("maven && memory=8Gi && cpu=4")).toEqual({ kind: "serves", sized });
  });

  test.each(["python && cpu=4", "cpu=4 && !maven", "windows", "", "maven && linux && windows"])(
    "%s is nothing for it",
    (text) => {
      expect(offer(text)).toEqual({ kind: "none" });
    },
  );

  test.each([
    ["maven && cpu=16", "size", "template maven allows cpu up to 8; asked: 16"],
    ["maven && cpu=9 && memory=8Gi", "size", "template maven allows cpu up to 8; asked: 9"],
    ["maven && memory=33Gi", "size", "template maven allows memory up to 32Gi; asked: 33Gi"],
    ["maven && memory=8", "size", "template maven allows memory from 16Mi on; asked: 8"],
    ["maven && cpu=0", "size", "template maven allows cpu from 500m on; asked: 0"],
    ["maven && memory=8GB", "size", "memory=8GB is no quantity; write it as 500m, 2 or 4Gi"],
    ["maven && cpu=", "size", "cpu= is no quantity; write it as 500m, 2 or 4Gi"],
    ["maven && cpu=-1", "size", "cpu=-1 is no quantity; write it as 500m, 2 or 4Gi"],
    ["maven && disk=9Gi", "size", "template maven lets nobody ask for disk; it allows cpu, memory"],
    ["maven && cpu=2 && cpu=4", "size", "no slave of template maven has two sizes of cpu; asked: 2 and 4"],
    ["maven && gpu=1", "not-ours", "template maven has no label gpu=1, and gpu is no size; sizes are cpu, memory"],
    ["cpu=4", "not-ours", "it names a size and nothing else; name a label, too"],
    [
      `maven && (${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `cpu=${n}`).join(" || ")})`,
      "not-ours",
      "it names more than 8 labels such as cpu=4",
    ],
  ])("%s is refused as %s: %s", (text, code, reason) => {
    expect(offer(text)).toEqual({ kind: "refused", code, reason });
  });

  test("a size alone is for templates that take builds without a label", () => {
    const any = template("any", { labels: [], unlabelled: true, overrides });
    expect(offer("cpu=4", any)).toMatchObject({ kind: "serves", sized: { labels: ["cpu=4"] } });
    expect(offer("", any)).toEqual({ kind: "serves" });
  });

  test("without overrides sizes are labels like others", () => {
    expect(offer("maven && cpu=4", template("maven"))).toEqual({ kind: "none" });
    expect(offer("maven && cpu=4", template("maven", { labels: ["maven", "cpu=4"] }))).toEqual({ kind: "serves" });
  });

  test("the order in which an expression names them changes nothing", () => {
    const [one, other] = ["cpu=4 || memory=1Gi || cpu=2", "cpu=2 || cpu=4 || memory=1Gi"].map((text) =>
      offer(`maven && (${text})`),
    );
    expect(one).toEqual(other);
    expect(one).toMatchObject({ sized: { labels: ["memory=1Gi"] } });
  });
});

describe("sizes in a decision", () => {
  const decide = (of: Partial<Situation>) => {
    const { launches, waiting, surplus } = shortfall({
      ...{ items: [], supply: [], templates: [maven], allowance: 1000 },
      ...of,
    });
    return {
      launches: launches.map((one) => `${one.item.id} ${one.template} ${one.sized?.labels.join(" ") ?? "-"}`),
      waiting: waiting.map((one) => `${one.item.id} ${one.code}: ${one.reason}`),
      surplus,
    };
  };
  const plain = supply("s1", { labels: ["maven", "linux"], template: "maven", stage: "scheduled" });
  const big = { ...plain, name: "s2", labels: ["maven", "linux", "cpu=4"], size: { cpu: "4" } };

  test("a slave of the template's own size is none for a build that asks for another", () => {
    const items = [item(1, "maven && cpu=4")];
    expect(decide({ items, supply: [plain] })).toEqual({ launches: ["1 maven cpu=4"], waiting: [], surplus: ["s1"] });
    expect(decide({ items, supply: [big] }).launches).toEqual([]);
    expect(decide({ items: [item(1, "maven && cpu=2")], supply: [plain, big] }).launches).toEqual(["1 maven cpu=2"]);
  });

  test("a slave with a size is one for a build that asks for none, which leaves it to one that does", () => {
    expect(decide({ items: [item(1, "maven")], supply: [big] }).launches).toEqual([]);
    const items = [item(1, "maven"), item(2, "maven && cpu=4")];
    expect(decide({ items, supply: [plain, big] })).toMatchObject({ launches: [], surplus: [] });
    expect(decide({ items, supply: [big] }).launches).toEqual(["2 maven cpu=4"]);
    expect(decide({ items: [item(1, "maven && !cpu=4")], supply: [big] }).launches).toEqual(["1 maven -"]);
  });

  test("one that is refused by one template gets the next that allows it", () => {
    const large = template("large", { labels: ["maven"], overrides: { cpu: { min: "1", max: "64" } } });
    expect(decide({ items: [item(1, "maven && cpu=16")], templates: [maven, large] }).launches).toEqual([
      "1 large cpu=16",
    ]);
  });

  test("what is not allowed, or nobody's, waits for a written reason", () => {
    const items = [item(1, "maven && cpu=16"), item(2, "maven && gpu=1"), item(3, "cpu=4")];
    expect(decide({ items }).waiting).toEqual([
      "1 size: template maven allows cpu up to 8; asked: 16",
      "2 not-ours: no template serves 'maven && gpu=1': template maven has no label gpu=1, and gpu is no size; sizes are cpu, memory",
      "3 not-ours: no template serves 'cpu=4': it names a size and nothing else; name a label, too",
    ]);
  });

  test("launches that fail because of a size hold that size only, and all of a template's sizes are within its cap", () => {
    const room = { slaves: 2, cap: "3/5 slaves" };
    const failing = {
      ...maven,
      room,
      standingOf: ({ cpu }: { cpu?: string | undefined }) => ({
        room: { slaves: 1, cap: "one is tried first" },
        hold: cpu === "8" ? "a launch failed" : undefined,
      }),
    };
    const items = ["cpu=8", "cpu=4", "cpu=4", "linux", "linux"].map((of, at) => item(at + 1, `maven && ${of}`));
    expect(decide({ items, templates: [failing] })).toMatchObject({
      launches: ["2 maven cpu=4", "4 maven -"],
      waiting: [
        "1 held: template maven with cpu=8 is held: a launch failed",
        "3 cap: template maven is at its cap: one is tried first",
        "5 cap: template maven is at its cap: 3/5 slaves",
      ],
    });
    const coming = { ...big, labels: ["maven", "linux", "cpu=8"], size: { cpu: "8" } };
    // Its own launches fail: one under way keeps a build from no other slave.
    expect(decide({ items: [item(1, "maven")], supply: [coming], templates: [failing] }).launches).toEqual([
      "1 maven -",
    ]);
    expect(
      decide({ items: [item(1, "maven")], templates: [{ ...failing, hold: "2 launches failed" }] }).waiting,
    ).toEqual(["1 held: template maven is held: 2 launches failed"]);
  });
});

test.each([
  ["500m", 0.5],
  ["2", 2],
  ["1.5", 1.5],
  ["4Gi", 4 * 1024 ** 3],
  ["4G", 4e9],
  ["1k", 1000],
  ["1Ki", 1024],
  ["4GB", undefined],
  ["", undefined],
])("the quantity %s is %s", (text, amount) => {
  expect(quantityAmount(text)).toBe(amount);
});
