import { expect, test } from "vitest";
import { renderTable } from "./table.ts";

const plain = { width: Number.POSITIVE_INFINITY, colour: false };

test("columns are as wide as their widest cell; amounts stand to the right, nothing at the end of a line", () => {
  expect(
    renderTable(
      ["JOB", "ALL", "STATE"],
      [
        ["api", "9.5", "done"],
        ["storefront", "12.0", ""],
      ],
      plain,
    ),
  ).toEqual(["JOB          ALL  STATE", "api          9.5  done", "storefront  12.0"]);
});

test("a column of dashes alone is no column of amounts", () => {
  expect(renderTable(["SLAVE"], [["–"]], plain)).toEqual(["SLAVE", "–"]);
});

test.each([80, 40, 25, 10, 1])("no line is wider than %d, with colours too", (width) => {
  const rows = [
    ["a-job-with-a-very-long-name-indeed", { text: "running 10s", tone: "good" as const }, "ks-sandbox-abcd1"],
  ];
  const lines = renderTable(["JOB", "BUILD", "SLAVE"], rows, { width, colour: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
  for (const line of lines) expect([...line.replaceAll(/\u001b\[\d+m/g, "")].length).toBeLessThanOrEqual(width);
  expect(lines[1]).not.toBe("");
});

test("the widest column gives way first", () => {
  const lines = renderTable(["JOB", "LABEL"], [["a-very-long-job-name", "python"]], { width: 20, colour: false });
  expect(lines[1]).toBe("a-very-long…  python");
});

test("no rows are a header", () => {
  expect(renderTable(["A", "B"], [], plain)).toEqual(["A  B"]);
});
