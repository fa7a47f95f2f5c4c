import { type LabelExpression, labelsNamedIn } from "./label-expression.ts";
import type { Wish } from "./wishes.ts";

/**
 * Finds the wishes that a node may satisfy without asking each: a wish such as `linux && (docker || podman)` is looked at only
 * where one of `docker` and `podman` is there, which fewer wishes name than `linux`.
 */
export class WishIndex {
  /** How many wishes name a label. */
  readonly #counts = new Map<string, number>();
  readonly #byLabel = new Map<string, number[]>();
  /** Those that may be satisfied by the absence of labels, or want none. */
  readonly #anywhere: number[] = [];

  constructor(wishes: readonly Wish[]) {
    const counts = this.#counts;
    for (const { expression } of wishes)
      for (const label of new Set(expression === null ? [] : labelsNamedIn(expression)))
        counts.set(label, (counts.get(label) ?? 0) + 1);
    wishes.forEach(({ expression }, wish) => {
      const labels = expression === null ? undefined : needed(expression, counts);
      if (labels === undefined) this.#anywhere.push(wish);
      else for (const label of new Set(labels)) this.#under(label).push(wish);
    });
  }

  /** Whether any wish names it: no other label matters. */
  names(label: string): boolean {
    return this.#counts.has(label);
  }

  /** The wishes that a node with these labels may satisfy, each once, in their order; none that it satisfies is missing. */
  candidates(labels: ReadonlySet<string>): number[] {
    const found = new Set(this.#anywhere);
    for (const label of labels) for (const wish of this.#byLabel.get(label) ?? []) found.add(wish);
    return [...found].sort((a, b) => a - b);
  }

  #under(label: string): number[] {
    let wishes = this.#byLabel.get(label);
    if (wishes === undefined) {
      wishes = [];
      this.#byLabel.set(label, wishes);
    }
    return wishes;
  }
}

/**
 * Labels of which a node must have one to satisfy the expression, the rarest that there are; undefined where there may be none
 * such. `counts`: how many wishes name a label.
 */
function needed(expression: LabelExpression, counts: ReadonlyMap<string, number>): readonly string[] | undefined {
  if (expression.kind === "label") return [expression.name];
  if (expression.kind !== "and" && expression.kind !== "or") return undefined;
  const [left, right] = [needed(expression.left, counts), needed(expression.right, counts)];
  if (expression.kind === "or") return left && right && [...left, ...right];
  if (left === undefined || right === undefined) return left ?? right;
  const weight = (labels: readonly string[]) => labels.reduce((sum, label) => sum + (counts.get(label) ?? 0), 0);
  return weight(left) <= weight(right) ? left : right;
}
