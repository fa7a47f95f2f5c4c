import type { Findings } from "./fuzz.ts";

const columns = ["parser", "inputs", "refused", "worst ms", "held kB", "growth", "hostile family, characters, ms", ""];

/** The findings as a table for people: one line each, numbers to the right. */
export function tableOf(findings: readonly Findings[]): string {
  const rows = [columns, ...findings.map(rowOf)];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at >= 1 && at <= 5 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function rowOf({ parser, inputs, refused, worstMs, heldBytes, growth, faults }: Findings): string[] {
  return [
    parser,
    String(inputs),
    String(refused),
    worstMs.toFixed(2),
    heldBytes === undefined ? "-" : String(Math.round(heldBytes / 1000)),
    growth === undefined || growth.ratio === 0 ? "-" : growth.ratio.toFixed(2),
    growth === undefined ? "-" : `${growth.family}, ${growth.size}, ${growth.ms.toFixed(2)}`,
    faults.length === 0 ? "ok" : "FAULTY",
  ];
}

/** How long an input may be to be printed whole, in characters. */
const printed = 2_000;

/** What is wrong, with all that is needed to see it again. Empty where nothing is. */
export function faultsOf({ parser, faults }: Findings, seed: number): string[] {
  return faults.map(({ says, input }) => {
    const again = `npm run fuzz -- --seed ${seed} ${parser}`;
    const shown = input === undefined ? "" : `\n  input: ${JSON.stringify(input).slice(0, printed)}`;
    return `${parser}: ${says}${shown}\n  again: ${again}`;
  });
}
