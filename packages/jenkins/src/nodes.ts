import { hasCode, KubestackError } from "@kubestack/contracts";
import { segment } from "./http/master-url.ts";
import type { Session } from "./http/session.ts";
import { type NodeProperties, propertiesForm } from "./node-properties.ts";

/** A node to be created, whose agent will come by itself (inbound). */
export interface NodeSpec {
  /** A DNS label: the same as the pod's. */
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  readonly executors: number;
  /** The agent's folder, in the pod. */
  readonly remoteFs: string;
  /** `EXCLUSIVE`: only for items that ask for one of its labels. */
  readonly mode: "EXCLUSIVE" | "NORMAL";
  /** Its agent comes by WebSocket: only what the node's own page advises depends on it. Default false. */
  readonly webSocket?: boolean;
  readonly properties?: NodeProperties;
}

/** The descriptor's class: every generation finds the node type by it, while Hudson knows no other name. */
const nodeType = "hudson.slaves.DumbSlave$DescriptorImpl";

/**
 * Keeps the node when configuration as code is reloaded or its master restarts: a list of `nodes` there would drop it
 * with all it runs. A master reads the properties that it has classes for, and passes over any other: so one that knows
 * nothing of this, without the plugin or with one from before 2026, makes the same node without it.
 */
const keptByConfigurationAsCode = { "io-jenkins-plugins-casc-core-CascKeepNode": {} };

/** Two generations of the form's reader look for the class under two names. */
const ofClass = (name: string) => ({ "stapler-class": name, $class: name });

/**
 * Creates a permanent inbound node. Raises already-exists where the name is taken, and master-refused with the
 * master's words for a name or label that it does not like.
 */
export async function createNode(session: Session, node: NodeSpec): Promise<void> {
  const json = {
    name: node.name,
    nodeDescription: node.description,
    numExecutors: String(node.executors),
    remoteFS: node.remoteFs,
    labelString: labelString(node.labels),
    mode: node.mode,
    type: nodeType,
    retentionStrategy: ofClass("hudson.slaves.RetentionStrategy$Always"),
    nodeProperties: {
      "stapler-class-bag": "true",
      ...keptByConfigurationAsCode,
      ...(node.properties === undefined ? {} : propertiesForm(node.properties)),
    },
    launcher: {
      ...ofClass("hudson.slaves.JNLPLauncher"),
      ...(node.webSocket === true ? { webSocket: true } : {}),
    },
  };
  await session.post({
    path: "computer/doCreateItem",
    form: { name: node.name, type: nodeType, json: JSON.stringify(json) },
    what: `to create node ${node.name}`,
  });
}

/** Deletes a node and so ends any build on it: look first (twice, after marking it). `gone`: there was none. */
export async function deleteNode(session: Session, name: string): Promise<"deleted" | "gone"> {
  try {
    await session.post({ path: `computer/${segment(name)}/doDelete`, what: `to delete node ${name}` });
    return "deleted";
  } catch (error) {
    if (hasCode(error, "not-found")) return "gone";
    throw error;
  }
}

/** A node's labels as one string. Raises master-refused for one that no node can have. */
export function labelString(labels: readonly string[]): string {
  return labels.map(labelToken).join(" ");
}

function isLabel(label: string): boolean {
  return label !== "" && !/["\\\p{Cc}]/u.test(label);
}

/** Labels are tokens of one string; one with characters of the expression grammar has to be quoted there. */
function labelToken(label: string): string {
  if (label === "" || !isLabel(label)) {
    throw new KubestackError("master-refused", `"${label}" cannot be a node's label; use letters, digits and -._.`, {
      retry: "never",
    });
  }
  return /[\s&|!<>()']/.test(label) ? `"${label}"` : label;
}
