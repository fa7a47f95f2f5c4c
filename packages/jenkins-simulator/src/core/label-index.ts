import type { Label } from "./label-expression.ts";
import { isOffline, type MasterNode } from "./node.ts";

/** Which nodes each label in use means: kept up to date node by node, since a master has thousands of both. */
export interface LabelIndex {
  /** The nodes of a label, the master's own among them. */
  nodesOf(label: Label): ReadonlySet<MasterNode>;
  add(node: MasterNode): void;
  remove(node: MasterNode): void;
}

/** Labels that nothing asks for any more are forgotten past this number. */
const mostLabels = 10_000;

export function createLabelIndex(): LabelIndex {
  const nodes = new Set<MasterNode>();
  const known = new Map<string, { readonly label: Label; readonly nodes: Set<MasterNode> }>();
  return {
    nodesOf(label) {
      const found = known.get(label.text);
      if (found !== undefined) return found.nodes;
      if (known.size >= mostLabels) known.clear();
      const meant = new Set([...nodes].filter((node) => label.matches(node.atoms)));
      known.set(label.text, { label, nodes: meant });
      return meant;
    },
    add(node) {
      nodes.add(node);
      for (const entry of known.values()) if (entry.label.matches(node.atoms)) entry.nodes.add(node);
    },
    remove(node) {
      nodes.delete(node);
      for (const entry of known.values()) entry.nodes.delete(node);
    },
  };
}

/** Whether no node of these could run anything: true for none at all. */
export function areOffline(nodes: ReadonlySet<MasterNode>): boolean {
  for (const node of nodes) if (!isOffline(node)) return false;
  return true;
}
