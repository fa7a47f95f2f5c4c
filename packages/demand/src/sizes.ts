import { type PodSize, printSize, quantityAmount, type SizeBounds, sizedResources } from "@kubestack/contracts";
import { fits } from "./assign.ts";
import { isSatisfiedBy, type LabelExpression, labelsNamedIn } from "./label-expression.ts";

/** What a template offers to builds. */
export interface Offering {
  readonly name: string;
  readonly labels: readonly string[];
  /** Whether it takes builds that name no label. */
  readonly unlabelled: boolean;
  /** What builds may ask for by label, such as `cpu=4`; absent: nothing. */
  readonly overrides?: SizeBounds | undefined;
}

/** What was asked for by label: the labels that the slave carries besides its template's, and what its pod has. */
export interface Sized {
  readonly labels: readonly string[];
  readonly size: PodSize;
}

/** Whether a template serves a wish, and by which size; or why not, where it is a matter of sizes. */
export type Offer =
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly code: "size" | "not-ours"; readonly reason: string }
  | { readonly kind: "serves"; readonly sized?: Sized };

/** A label such as `cpu=4` that an expression names, and the template does not carry. */
interface Atom {
  readonly label: string;
  readonly resource: string;
  readonly text: string;
  /** In cores or bytes. */
  readonly amount: number;
  /** Why a slave of the template can't have it. */
  readonly fault?: Extract<Offer, { kind: "refused" }>;
}

const atomForm = /^([A-Za-z][A-Za-z0-9_.-]*)=(.*)$/s;

/** An expression that names more labels of this form is not taken apart: every set of them is tried. */
const atomLimit = 8;

/**
 * Whether a slave of the template satisfies the expression (null asks for no label), by its own labels if it can, else with as
 * few further labels as possible that name a size. Of equally small sets it is the one with the least cpu, then memory, then
 * disk. A size alone says nothing of what is wanted: only an unlabelled template serves it. `own` is the template's labels, for
 * who asks it of many wishes. Pure.
 */
export function offerOf(
  expression: LabelExpression | null,
  template: Offering,
  own: ReadonlySet<string> = new Set(template.labels),
): Offer {
  if (fits(expression, { labels: own, unlabelled: template.unlabelled })) return { kind: "serves" };
  const { overrides } = template;
  if (expression === null || overrides === undefined) return { kind: "none" };
  const labels = [...new Set(labelsNamedIn(expression))].filter((label) => !own.has(label) && atomForm.test(label));
  if (labels.length === 0) return { kind: "none" };
  if (labels.length > atomLimit)
    return { kind: "refused", code: "not-ours", reason: `it names more than ${atomLimit} labels such as cpu=4` };
  const atoms = labels.map((label) => atomOf(label, { ...template, overrides }));
  const sets = subsetsOf(atoms)
    .filter((set) => isSatisfiedBy(expression, new Set([...own, ...labelsOf(set)])))
    .sort(smallestFirst);
  if (sets.length === 0) return { kind: "none" };
  const meant = template.unlabelled ? sets : sets.filter((set) => !isSatisfiedBy(expression, new Set(labelsOf(set))));
  const [first] = meant;
  if (first === undefined)
    return { kind: "refused", code: "not-ours", reason: "it names a size and nothing else; name a label, too" };
  const sound = meant.find((set) => faultIn(set, template) === undefined);
  if (sound === undefined) return faultIn(first, template) ?? { kind: "none" };
  return { kind: "serves", sized: { labels: labelsOf(sound), size: sizeOf(sound) } };
}

/** The name under which launches of a template and a size succeed or fail together. */
export function launchKind(template: string, size: PodSize | undefined): string {
  const text = printSize(size);
  return text === "" ? template : `${template} with ${text}`;
}

/** The template of a `launchKind`: its name has no blank. */
export function withoutSize(kind: string): string {
  return kind.split(" ", 1)[0] ?? kind;
}

/** The size in a `launchKind` of this template, as `cpu=4`; undefined where it is another template's, or has none. */
export function sizeIn(kind: string, template: string): string | undefined {
  const prefix = `${template} with `;
  return kind.startsWith(prefix) ? kind.slice(prefix.length) : undefined;
}

function atomOf(label: string, { name, overrides }: Offering & { readonly overrides: SizeBounds }): Atom {
  const [, resource = "", text = ""] = atomForm.exec(label) ?? [];
  const amount = quantityAmount(text);
  const of = { label, resource, text, amount: amount ?? Number.POSITIVE_INFINITY };
  const known = sizedResources.find((one) => one === resource);
  if (known === undefined) {
    const reason = `template ${name} has no label ${label}, and ${resource} is no size; sizes are ${offered(overrides)}`;
    return { ...of, fault: { kind: "refused", code: "not-ours", reason } };
  }
  const bounds = overrides[known];
  const refused = (reason: string): Atom => ({ ...of, fault: { kind: "refused", code: "size", reason } });
  if (bounds === undefined)
    return refused(`template ${name} lets nobody ask for ${resource}; it allows ${offered(overrides)}`);
  if (amount === undefined) return refused(`${label} is no quantity; write it as 500m, 2 or 4Gi`);
  if (amount > (quantityAmount(bounds.max) ?? 0))
    return refused(`template ${name} allows ${resource} up to ${bounds.max}; asked: ${text}`);
  if (amount < (quantityAmount(bounds.min) ?? 0))
    return refused(`template ${name} allows ${resource} from ${bounds.min} on; asked: ${text}`);
  return of;
}

function offered(overrides: SizeBounds): string {
  return sizedResources.filter((one) => overrides[one] !== undefined).join(", ") || "none";
}

function faultIn(set: readonly Atom[], { name }: Offering): Extract<Offer, { kind: "refused" }> | undefined {
  const fault = set.find((atom) => atom.fault !== undefined)?.fault;
  if (fault !== undefined) return fault;
  for (const { resource, amount } of set) {
    const others = set.filter((one) => one.resource === resource);
    if (others.some((one) => one.amount !== amount)) {
      const asked = others.map(({ text }) => text).join(" and ");
      return {
        kind: "refused",
        code: "size",
        reason: `no slave of template ${name} has two sizes of ${resource}; asked: ${asked}`,
      };
    }
  }
  return undefined;
}

function sizeOf(set: readonly Atom[]): PodSize {
  const size: PodSize = {};
  for (const of of sizedResources) {
    const atom = set.find(({ resource }) => resource === of);
    if (atom !== undefined) size[of] = atom.text;
  }
  return size;
}

function labelsOf(set: readonly Atom[]): string[] {
  return set.map(({ label }) => label);
}

/** Every set of at least one of them. */
function subsetsOf(atoms: readonly Atom[]): Atom[][] {
  const sorted = atoms.toSorted((a, b) => (a.label < b.label ? -1 : 1));
  return Array.from({ length: 2 ** sorted.length - 1 }, (_, index) =>
    sorted.filter((_atom, at) => ((index + 1) & (1 << at)) !== 0),
  );
}

function smallestFirst(a: readonly Atom[], b: readonly Atom[]): number {
  if (a.length !== b.length) return a.length - b.length;
  for (const of of sizedResources) {
    const [left, right] = [amountIn(a, of), amountIn(b, of)];
    if (left !== right) return left < right ? -1 : 1;
  }
  const [left, right] = [labelsOf(a).join(" "), labelsOf(b).join(" ")];
  return left < right ? -1 : left > right ? 1 : 0;
}

function amountIn(set: readonly Atom[], of: string): number {
  return Math.max(0, ...set.filter(({ resource }) => resource === of).map(({ amount }) => amount));
}
