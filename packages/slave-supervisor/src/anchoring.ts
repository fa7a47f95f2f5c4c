import { type Computer, type QueueItem, sizedResources } from "@kubestack/contracts";
import { type Offering, offerOf, parseLabelExpression } from "@kubestack/demand";

/** What has to be done so that the anchors stand as wanted. */
export interface AnchorWork {
  readonly create: readonly string[];
  /** Made anew, because their labels are not the wanted ones any more. */
  readonly replace: readonly string[];
  /** Not wanted any more. */
  readonly remove: readonly string[];
}

/** Two, because with one node of a label the master's words name that node instead of the label. */
export function anchorNames(install: string): readonly [string, string] {
  return [`ks-anchor-${install}-1`, `ks-anchor-${install}-2`];
}

/**
 * Compares the anchors with what a whole round showed. A master that does not tell labels shows null: then an anchor that
 * is there is left as it is. Where no labels are wanted, no anchors are.
 */
export function anchorWork(install: string, labels: readonly string[], computers: readonly Computer[]): AnchorWork {
  const shown = new Map(computers.map((computer) => [computer.name, computer]));
  const names = anchorNames(install);
  if (labels.length === 0) return { create: [], replace: [], remove: names.filter((name) => shown.has(name)) };
  return {
    remove: [],
    create: names.filter((name) => !shown.has(name)),
    replace: names.filter((name) => {
      const present = shown.get(name)?.labels;
      // Every node's own name is among its labels.
      return (
        present !== undefined && present !== null && !isSameSet(new Set([...labels, name]), new Set([...present, name]))
      );
    }),
  };
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

/** So many sizes are carried at most: those that are asked for now before those that were. */
const mostSizes = 64;

/** What sizes the anchors are to carry for, besides the templates' own labels. */
export interface SizesSought {
  readonly install: string;
  readonly templates: readonly Offering[];
  readonly items: readonly QueueItem[];
  readonly computers: readonly Computer[];
}

/**
 * Labels such as `cpu=4` that waiting builds ask for and a template offers: else a second build of a size would be shown to wait
 * for the only slave that has it. What the anchors carry already stays, as long as it is offered, so that they are not made anew
 * each time that nobody asks for a while.
 */
export function sizesSought({ install, templates, items, computers }: SizesSought): string[] {
  const sizing = templates.filter(({ overrides }) => overrides !== undefined);
  if (sizing.length === 0) return [];
  const wanted = new Set(items.flatMap(({ wants }) => (wants.kind === "expression" ? [wants.expression] : [])));
  const asked = [...wanted].flatMap((text) => {
    const expression = parseLabelExpression(text);
    return sizing.flatMap((template) => {
      const offer = offerOf(expression, template);
      return offer.kind === "serves" ? (offer.sized?.labels ?? []) : [];
    });
  });
  const names: readonly string[] = anchorNames(install);
  const offered = sizedResources.filter((one) => sizing.some(({ overrides }) => overrides?.[one] !== undefined));
  const carried = computers
    .filter(({ name }) => names.includes(name))
    .flatMap(({ labels }) => labels ?? [])
    .filter((label) => offered.some((one) => label.startsWith(`${one}=`)));
  return [...new Set([...asked, ...carried.toSorted()])].slice(0, mostSizes);
}
