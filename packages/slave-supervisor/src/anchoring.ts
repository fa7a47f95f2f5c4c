import type { Computer } from "@kubestack/contracts";

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
