import { diff } from "node:util";
import { paint, type Style } from "../../text/paint.ts";

/** One line of two texts: in both, in the first alone, or in the second alone. */
interface Step {
  readonly sign: " " | "-" | "+";
  readonly line: string;
}

/** Two texts, and what each is called. */
export interface Compared {
  readonly before: { readonly name: string; readonly text: string };
  readonly after: { readonly name: string; readonly text: string };
}

/** So many lines that did not change are shown on either side of those that did. */
const around = 3;
const styles: Readonly<Record<Step["sign"], Style | undefined>> = { " ": undefined, "-": "red", "+": "green" };

/** What has to be changed in the first text to make the second of it, in diff's unified form; empty: nothing. */
export function unified({ before, after }: Compared, colour: boolean): string {
  const steps = stepsBetween(linesOf(before.text), linesOf(after.text));
  const hunks = hunksIn(steps);
  if (hunks.length === 0) return "";
  const head = [`--- ${before.name}`, `+++ ${after.name}`].map((line) => paint(line, "bold", colour));
  return [...head, ...hunks.flatMap((hunk) => hunkLines(steps, hunk, colour))].map((line) => `${line}\n`).join("");
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Between texts of more lines than this that are unlike, no likeness is looked for: it would cost too much. */
const mostCompared = 3000;

/** Of lines that took each other's place, those that went come first. */
function stepsBetween(before: readonly string[], after: readonly string[]): readonly Step[] {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]): Step[] => lines.map((line) => ({ sign: " ", line }));
  const unlike = changes(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...same(before.slice(0, head)), ...unlike, ...same(before.slice(before.length - tail))];
}

function changes(before: readonly string[], after: readonly string[]): Step[] {
  const isAnew = before.length === 0 || after.length === 0 || before.length + after.length > mostCompared;
  if (isAnew)
    return [...before.map((line): Step => ({ sign: "-", line })), ...after.map((line): Step => ({ sign: "+", line }))];
  const steps: Step[] = [];
  let added: Step[] = [];
  for (const [side, line] of diff([...before], [...after])) {
    if (side === -1) added.push({ sign: "+", line });
    else if (side === 1) steps.push({ sign: "-", line });
    else {
      steps.push(...added, { sign: " ", line });
      added = [];
    }
  }
  return [...steps, ...added];
}

/** From where to where, the end not included. */
type Hunk = readonly [from: number, to: number];

function hunksIn(steps: readonly Step[]): readonly Hunk[] {
  const hunks: [number, number][] = [];
  steps.forEach(({ sign }, at) => {
    if (sign === " ") return;
    const last = hunks.at(-1);
    const to = Math.min(steps.length, at + around + 1);
    if (last !== undefined && at - around <= last[1]) last[1] = to;
    else hunks.push([Math.max(0, at - around), to]);
  });
  return hunks;
}

function hunkLines(steps: readonly Step[], [from, to]: Hunk, colour: boolean): string[] {
  const shown = steps.slice(from, to);
  const range = (without: Step["sign"], mark: string): string => {
    const above = steps.slice(0, from).filter(({ sign }) => sign !== without).length;
    const count = shown.filter(({ sign }) => sign !== without).length;
    return `${mark}${count === 0 ? above : above + 1},${count}`;
  };
  return [
    paint(`@@ ${range("+", "-")} ${range("-", "+")} @@`, "cyan", colour),
    ...shown.map(({ sign, line }) => paint(`${sign}${line}`, styles[sign], colour)),
  ];
}
