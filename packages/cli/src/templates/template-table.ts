import type { Plan } from "@kubestack/contracts";
import { fold } from "../text/fold.ts";
import { printMinute } from "../text/local-time.ts";
import { paint } from "../text/paint.ts";
import { plain } from "../text/plain.ts";
import { type Canvas, type Column, table } from "../text/table.ts";
import { agentContainerOf } from "./agent-container.ts";
import { isLaunched, type TemplateFile } from "./template-file.ts";

/** A template of the list. */
export interface TemplateRow {
  readonly name: string;
  readonly labels: readonly string[];
  readonly unlabelled: boolean;
  /** Of its agent's container; null where it has none, or where only the running services were asked. */
  readonly image: string | null;
  readonly size: { readonly cpu: string | null; readonly memory: string | null; readonly disk: string | null } | null;
  readonly standsOn: readonly string[];
  /** The file it is in, or that it is what runs. */
  readonly from: string;
  /** Where nothing is launched from it now, and why. */
  readonly held: readonly Hold[];
}

interface Hold {
  readonly master: string;
  /** In milliseconds of NATS's time. */
  readonly until: number;
  readonly because: string;
}

/** The templates of a file, in its order. */
export function rowsOfFile(of: TemplateFile, plans: readonly Plan[]): TemplateRow[] {
  return of.configuration.templates.map((template) => {
    const { name, labels, unlabelled } = template;
    const { image, cpu, memory, disk } = agentContainerOf(template);
    const standsOn = of.written.find((one) => one.name === name)?.inheritFrom ?? [];
    const size = { cpu, memory, disk };
    return { name, labels, unlabelled, image, size, standsOn, from: of.file, held: holdsOf(name, plans) };
  });
}

/** What the running services tell of their templates, each once, in their order. */
export function rowsOfPlans(plans: readonly Plan[]): TemplateRow[] {
  const rows = new Map<string, TemplateRow>();
  for (const { templates = [] } of plans)
    for (const { name, labels, unlabelled } of templates)
      rows.set(name, {
        ...{ name, labels, unlabelled, image: null, size: null, standsOn: [] },
        ...{ from: "what runs", held: holdsOf(name, plans) },
      });
  return [...rows.values()];
}

function holdsOf(name: string, plans: readonly Plan[]): Hold[] {
  return plans.flatMap(({ master, templates = [] }) => {
    const held = templates.find((one) => one.name === name)?.held ?? null;
    return held === null ? [] : [{ master, ...held }];
  });
}

/** The list for people. */
export function templateTable(
  rows: readonly TemplateRow[],
  { now, wide, ...canvas }: Canvas & { readonly now: number; readonly wide: boolean },
): string[] {
  const isAny = (has: (row: TemplateRow) => boolean): boolean => rows.some(has);
  const columns: (Column<TemplateRow> | false)[] = [
    { head: "TEMPLATE", cell: ({ name }) => name, keep: true },
    { head: "LABELS", cell: labelsIn, style: (row) => (isLaunched(row) ? undefined : "dim") },
    isAny(({ size }) => size !== null) && { head: "IMAGE", cell: ({ image }) => image },
    isAny(({ size }) => size !== null) && { head: "CPU MEMORY DISK", cell: sizeIn, spare: 2 },
    isAny(({ standsOn }) => standsOn.length > 0) && {
      head: "STANDS ON",
      cell: ({ standsOn }) => standsOn.join(", "),
      spare: 3,
    },
    wide && { head: "FROM", cell: ({ from }) => from, spare: 1 },
  ];
  const shown = columns.filter((one) => one !== false);
  return [...table(shown, rows, canvas), ...heldLines(rows, { ...canvas, now })];
}

function labelsIn({ labels, unlabelled }: TemplateRow): string {
  if (labels.length === 0 && !unlabelled) return "none: not launched";
  return [...labels, ...(unlabelled ? ["(and none)"] : [])].join(" ");
}

function sizeIn({ size }: TemplateRow): string | null {
  return size === null ? null : [size.cpu, size.memory, size.disk].map((amount) => amount ?? "–").join(" ");
}

/** Why nothing is launched from some of them now, in whole sentences below the table. */
function heldLines(rows: readonly TemplateRow[], { width, colour, now }: Canvas & { readonly now: number }): string[] {
  const sentences = rows.flatMap(({ name, held }) =>
    held.map(({ master, until, because }) =>
      plain(`${name} is held at ${master} until ${printMinute(until, now)}: ${because}`),
    ),
  );
  const lines = sentences.flatMap((sentence) => (width === undefined ? [sentence] : fold(sentence, width)));
  return lines.length === 0 ? [] : ["", ...lines.map((line) => paint(line, "yellow", colour))];
}
