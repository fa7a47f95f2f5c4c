import { expect, test } from "vitest";
import { terminalOf } from "./terminal.ts";

const output = (isTTY: boolean, columns: number) => ({ isTTY, columns, write: () => true });

test("of two outputs each has its own width and colours: a report is folded while the result goes into a file", () => {
  const err = output(true, 80);
  const terminal = terminalOf(output(false, 0), err, {});
  expect(terminal).toMatchObject({ width: undefined, colour: false, errors: { width: 80, colour: true } });
  err.columns = 100;
  expect(terminal.errors?.width).toBe(100);
});

test("colours are left out where they are not wanted", () => {
  for (const environment of [{ NO_COLOR: "1" }, { TERM: "dumb" }])
    expect(terminalOf(output(true, 80), output(true, 80), environment)).toMatchObject({
      colour: false,
      errors: { colour: false },
    });
});
