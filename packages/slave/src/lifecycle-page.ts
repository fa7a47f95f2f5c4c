import { type SlaveState, slaveStates } from "@kubestack/contracts";
import { clockTable, needsMaster, startsAnew } from "./deadlines.ts";
import { eventWords, guardWords, stateWords } from "./lifecycle-words.ts";
import { slaveMachine } from "./machine.ts";

/** One line of the machine's table, as the page shows it. */
interface Line {
  readonly from: SlaveState;
  /** Empty where the machine goes on by itself. */
  readonly event: string;
  readonly guard: string;
  /** The state after; undefined where it stays. */
  readonly to: SlaveState | undefined;
}

/** The page that shows a slave's life, as Markdown, read from the machine and the clocks themselves. */
export function lifecyclePage(): string {
  const lines = linesOfMachine();
  return `${[
    "# A slave's life",
    "This page is generated from the machine in `packages/slave`. Write it anew with `node packages/slave/bin/write-lifecycle-page.ts`.",
    "A slave that is first seen further on passes through every state between in the same step, each announced.",
    picture(lines),
    "## States",
    table(
      ["state", "means"],
      slaveStates.map((state) => [code(state), stateWords[state]]),
    ),
    "## Transitions",
    "An event that is not listed for a state, or whose condition does not hold, changes nothing. Where several rows fit, the first one holds. A slave that stays remains in its state and knows more.",
    table(["told", "that", "in", "only if", "then"], grouped(lines)),
    "## Clocks",
    "The machine has no timers: whoever supervises a slave tells it that a clock has run out.",
    table(
      ["in", "clock", "runs for", "from when", "while the master is unknown"],
      clockTable.map(({ state, clock, limit, starts }) => [
        code(state),
        code(clock),
        code(limit),
        starts,
        standing(clock),
      ]),
    ),
  ].join("\n\n")}\n`;
}

function standing(clock: (typeof clockTable)[number]["clock"]): string {
  if (startsAnew(clock)) return "stands still, then starts anew";
  return needsMaster(clock) ? "stands still" : "runs on";
}

/** Lines that say the same of several states become one row; rows of one event stay together. */
function grouped(lines: readonly Line[]): string[][] {
  const rows = new Map<string, string[]>();
  for (const { from, event, guard, to } of lines) {
    const then = to === undefined ? "stays" : code(to);
    const key = JSON.stringify([event, guard, then]);
    const row = rows.get(key);
    if (row !== undefined) row[2] += `, ${code(from)}`;
    else {
      const [told, that] = event === "" ? ["by itself", ""] : [code(event), wordsOf(eventWords, event)];
      rows.set(key, [told, that, code(from), guard === "" ? "" : wordsOf(guardWords, guard), then]);
    }
  }
  const order = ["by itself", ...Object.keys(eventWords).map(code)];
  return [...rows.values()].sort((a, b) => order.indexOf(a[0] ?? "") - order.indexOf(b[0] ?? ""));
}

function linesOfMachine(): Line[] {
  return slaveStates.flatMap((from) => {
    const node = slaveMachine.states[from];
    if (node === undefined) throw new RangeError(`The slave's machine has no state '${from}'.`);
    const told = [...node.transitions].flatMap(([event, branches]) =>
      branches.map((branch) => lineOf({ from, event, branch })),
    );
    return [...told, ...(node.always ?? []).map((branch) => lineOf({ from, event: "", branch }))];
  });
}

function lineOf(of: {
  from: SlaveState;
  event: string;
  branch: { guard?: unknown; target?: readonly { key: string }[] | undefined };
}): Line {
  const { from, event, branch } = of;
  const to = slaveStates.find((state) => state === branch.target?.[0]?.key);
  return { from, event, guard: typeof branch.guard === "string" ? branch.guard : "", to: to === from ? undefined : to };
}

function picture(lines: readonly Line[]): string {
  const arrows = new Map<string, Set<string>>();
  for (const { from, event, to } of lines) {
    if (to === undefined) continue;
    const key = `${from} --> ${to}`;
    arrows.set(key, (arrows.get(key) ?? new Set()).add(event === "" ? "all is gone" : event));
  }
  const drawn = [...arrows].map(([arrow, events]) => `  ${arrow}: ${[...events].join(", ")}`);
  return ["```mermaid", "stateDiagram-v2", "  [*] --> requested", ...drawn, "  deleted --> [*]", "```"].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function wordsOf(words: Readonly<Record<string, string>>, name: string): string {
  const found = words[name];
  if (found === undefined) throw new RangeError(`'${name}' of the slave's machine has no words yet: add them.`);
  return found;
}
