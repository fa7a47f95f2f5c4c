import type { SlaveRecord } from "@kubestack/contracts";
import type { NodeSpec } from "@kubestack/jenkins";
import type { NodeShape } from "./attach-mode.ts";

/** The node of a slave, for one build at a time. Only one that takes builds without a label is open to all. */
export function nodeSpecOf(slave: Pick<SlaveRecord, "name" | "labels">, node: NodeShape): NodeSpec {
  return {
    name: slave.name,
    description: node.description,
    labels: slave.labels,
    executors: 1,
    remoteFs: node.workDir,
    mode: node.unlabelled ? "NORMAL" : "EXCLUSIVE",
    ...(node.properties === undefined ? {} : { properties: node.properties }),
  };
}
