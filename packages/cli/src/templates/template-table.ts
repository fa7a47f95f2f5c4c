import type { Plan, TemplateBookTold } from "@kubestack/contracts";
import { fold } from "../text/fold.ts";
import { hanging } from "../text/hanging.ts";
import { printMinute } from "../text/local-time.ts";
import { paint, type Style } from "../text/paint.ts";
import { plain } from "../text/plain.ts";
import { type Canvas, type Column, table } from "../text/table.ts";
import { agentContainerOf } from "./agent-container.ts";
import { isLaunched, type TemplateFile } from "./template-file.ts";

/** A template of the list. */
export interface TemplateRow {
  /** Null where it can't be told which one is wrong. */
  readonly name: string | null;
  readonly labels: readonly string[];
  readonly unlabelled: boolean;
  /** The jobs that may use it, by their full names; null where it is left out. */
  readonly jobs: readonly string[] | null;
  /** Of its agent's container; null where it has none, or that is not told. */
  readonly image: string | null;
  /** Null where the running services were asked, which don't tell it. */
  readonly size: { readonly cpu: string | null; readonly memory: string | null; readonly disk: string | null } | null;
  readonly standsOn: readonly string[];
  /** The file it is in; of what runs `file`, `applied`, `configmap:<namespace>/<name>#<key>`, or `what runs` where that is not told. */
  readonly from: string;
  /** Who applied it last, and when, in milliseconds of NATS's time; null: nobody did. */
  readonly applied: { readonly by: string; readonly at: number } | null;
  /** What is wrong with it, each as a sentence; it is left out then. */
  readonly faults: readonly string[];
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
    const { name, labels, unlabelled, jobs = anyJob } = template;
    const { image, cpu, memory, disk } = agentContainerOf(template);
    const standsOn = of.written.find((one) => one.name === name)?.inheritFrom ?? [];
    const size = { cpu, memory, disk };
    const held = holdsOf(name, plans);
    return { name, labels, unlabelled, jobs, image, size, standsOn, from: of.file, applied: null, faults: [], held };
  });
}

/** The templates in force, in the order in which they are tried; then those with faults. */
export function rowsOfBook({ templates, faults }: TemplateBookTold, plans: readonly Plan[]): TemplateRow[] {
  const faulty = new Map<string, TemplateRow>();
  for (const { from, template: name, sentence } of faults) {
    const key = JSON.stringify([from, name]);
    const row: TemplateRow = faulty.get(key) ?? {
      ...unknown,
      name,
      labels: [],
      unlabelled: false,
      jobs: null,
      from,
      held: [],
    };
    faulty.set(key, { ...row, faults: [...row.faults, sentence] });
  }
  const rows = templates.map(
    ({ name, labels, unlabelled, jobs = anyJob, from, image = null, applied = null }): TemplateRow => ({
      ...{ ...unknown, name, labels, unlabelled, jobs, from, image, applied },
      held: holdsOf(name, plans),
    }),
  );
  return [...rows, ...faulty.values()];
}

/** What the plans tell of templates, each once, in their order: where nobody tells more. */
export function rowsOfPlans(plans: readonly Plan[]): TemplateRow[] {
  const rows = new Map<string, TemplateRow>();
  for (const { templates = [] } of plans)
    for (const { name, labels, unlabelled, jobs = anyJob } of templates)
      rows.set(name, { ...unknown, name, labels, unlabelled, jobs, from: "what runs", held: holdsOf(name, plans) });
  return [...rows.values()];
}

const anyJob = ["**"];
const unknown = { image: null, size: null, standsOn: [], applied: null, faults: [] } as const;

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
  const isOfFile = isAny(({ size }) => size !== null);
  const columns: (Column<TemplateRow> | false)[] = [
    { head: "TEMPLATE", cell: ({ name }) => name, keep: true },
    { head: "LABELS", cell: labelsIn, style: labelStyle },
    isAny((row) => isLimited(row)) && { head: "JOBS", cell: ({ jobs }) => jobs?.join(" ") ?? null, spare: 3 },
    (isOfFile || isAny(({ image }) => image !== null)) && { head: "IMAGE", cell: ({ image }) => image },
    isOfFile && { head: "CPU MEMORY DISK", cell: sizeIn, spare: 2 },
    isAny(({ standsOn }) => standsOn.length > 0) && {
      head: "STANDS ON",
      cell: ({ standsOn }) => standsOn.join(", "),
      spare: 3,
    },
    isOfFile && wide && { head: "FROM", cell: ({ from }) => from, spare: 1 },
    !isOfFile && { head: "FROM", cell: (row) => sourceOf(row, now) },
  ];
  const shown = columns.filter((one) => one !== false);
  return [...table(shown, rows, canvas), ...faultLines(rows, canvas), ...heldLines(rows, { ...canvas, now })];
}

/** Where it comes from, for people. */
export function sourceOf({ from, applied }: Pick<TemplateRow, "from" | "applied">, now: number): string {
  if (applied !== null) return `applied by ${applied.by}, ${printMinute(applied.at, now)}`;
  const [, namespace, name, key] = /^configmap:([^/]*)\/([^#]*)#(.*)$/.exec(from) ?? [];
  if (namespace === undefined) return from;
  if (name === "*") return `ConfigMaps of ${namespace}`;
  return `ConfigMap ${namespace}/${name}${key === "*" ? "" : `#${key}`}`;
}

function isLimited({ jobs }: TemplateRow): boolean {
  return jobs !== null && !jobs.includes("**");
}

function labelStyle(row: TemplateRow): Style | undefined {
  if (row.faults.length > 0) return "red";
  return isLaunched(row) ? undefined : "dim";
}

function labelsIn({ labels, unlabelled, faults }: TemplateRow): string {
  if (faults.length > 0) return "left out: see below";
  if (labels.length === 0 && !unlabelled) return "none: not launched";
  return [...labels, ...(unlabelled ? ["(and none)"] : [])].join(" ");
}

function sizeIn({ size }: TemplateRow): string | null {
  return size === null ? null : [size.cpu, size.memory, size.disk].map((amount) => amount ?? "–").join(" ");
}

/** What is wrong with some of them, in whole sentences below the table. */
function faultLines(rows: readonly TemplateRow[], canvas: Canvas): string[] {
  const lines = rows.flatMap(({ faults }) =>
    faults.flatMap((sentence) => hanging("FIX", plain(sentence), { canvas, style: "red" })),
  );
  return lines.length === 0 ? [] : ["", ...lines];
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
