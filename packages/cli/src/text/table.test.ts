import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { type Column, table } from "./table.ts";
import { widthOf } from "./width.ts";

interface Row {
  readonly name: string;
  readonly count: number;
  readonly why: string;
  readonly extra?: string;
}

const columns: Column<Row>[] = [
  { head: "NAME", cell: ({ name }) => name, keep: true, style: () => "red" },
  { head: "COUNT", cell: ({ count }) => String(count), align: "right", keep: true },
  { head: "WHY", cell: ({ why }) => why },
  { head: "EXTRA", cell: ({ extra }) => extra ?? null, spare: 1 },
];

const rows: Row[] = [
  { name: "ks-a", count: 7, why: "0/41 nodes are available: 38 Insufficient cpu", extra: "something" },
  { name: "ks-much-longer", count: 1234567, why: "" },
];

function drawn(width: number | undefined, colour = false): string[] {
  return table(columns, rows, { width, colour });
}

describe("table", () => {
  test("without a terminal everything is shown, aligned, with no blanks at the end", () => {
    expect(drawn(undefined)).toEqual([
      "NAME              COUNT  WHY                                            EXTRA",
      "ks-a                  7  0/41 nodes are available: 38 Insufficient cpu  something",
      "ks-much-longer  1234567  –                                              –",
    ]);
  });

  test("a narrow terminal leaves spare columns out, then cuts the widest, and keeps names whole", () => {
    expect(drawn(60)).toEqual([
      "NAME              COUNT  WHY                       EXTRA",
      "ks-a                  7  0/41 nodes are availabl…  something",
      "ks-much-longer  1234567  –                         –",
    ]);
    expect(drawn(45)).toEqual([
      "NAME              COUNT  WHY",
      "ks-a                  7  0/41 nodes are avai…",
      "ks-much-longer  1234567  –",
    ]);
  });

  test.each(Array.from({ length: 90 }, (_, width) => width + 1))(
    "no line is wider than a terminal of %i cells",
    (width) => {
      for (const line of drawn(width, true)) expect(widthOf(stripVTControlCharacters(line))).toBeLessThanOrEqual(width);
    },
  );

  test("colours change nothing but colours", () => {
    const painted = drawn(60, true);
    expect(painted[1]).toContain("\u001b[31mks-a");
    expect(painted.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(drawn(60));
  });

  test("wide characters keep the columns in line", () => {
    const [, first, second] = table(
      columns,
      [
        { name: "日本", count: 1, why: "a" },
        { name: "abcd", count: 1, why: "a" },
      ],
      { width: undefined, colour: false },
    );
    expect(first).toBe("日本      1  a    –");
    expect(second).toBe("abcd      1  a    –");
  });
});
