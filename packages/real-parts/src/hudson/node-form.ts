/** A node for an inbound agent. */
export interface HudsonNode {
  readonly name: string;
  /** Separated by spaces. */
  readonly labels: string;
  /** The agent's folder. */
  readonly remoteFolder: string;
  /** Default 1. */
  readonly executors?: number | undefined;
  /** Whether it runs only builds that ask for one of its labels. Default true. */
  readonly isExclusive?: boolean | undefined;
}

const KIND = "hudson.slaves.DumbSlave$DescriptorImpl";

/** The form that `computer/doCreateItem` of Hudson takes. */
export function nodeForm(node: HudsonNode): string {
  const kind = (name: string) => ({ "stapler-class": name, $class: name });
  const json = {
    name: node.name,
    nodeDescription: "",
    numExecutors: String(node.executors ?? 1),
    remoteFS: node.remoteFolder,
    labelString: node.labels,
    mode: (node.isExclusive ?? true) ? "EXCLUSIVE" : "NORMAL",
    type: KIND,
    retentionStrategy: kind("hudson.slaves.RetentionStrategy$Always"),
    nodeProperties: { "stapler-class-bag": "true" },
    launcher: kind("hudson.slaves.JNLPLauncher"),
  };
  return new URLSearchParams({ name: node.name, type: KIND, json: JSON.stringify(json) }).toString();
}
