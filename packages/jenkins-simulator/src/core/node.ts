import { KubestackError } from "@kubestack/contracts";
import { labelTokens } from "./label-expression.ts";
import { placeOf } from "./random.ts";
import type { Work } from "./state.ts";

/** What a node has beside its labels. */
export interface NodeProperties {
  readonly env: readonly { readonly key: string; readonly value: string }[];
  /** `key`: the tool's descriptor and name, with an @ between. */
  readonly tools: readonly { readonly key: string; readonly home: string }[];
}

/** A node as it is asked for. */
export interface NodeSpec {
  readonly name: string;
  readonly description?: string | undefined;
  /** Tokens as in Jenkins' form: separated by white space, quoted where needed. */
  readonly labels?: string | undefined;
  /** Default EXCLUSIVE here, as KubeStack makes them. */
  readonly mode?: "EXCLUSIVE" | "NORMAL" | undefined;
  /** Default 1. */
  readonly executors?: number | undefined;
  readonly remoteFs?: string | undefined;
  readonly webSocket?: boolean | undefined;
  /** It has the property that keeps it when configuration as code is reloaded. */
  readonly isKept?: boolean | undefined;
  /** Never saved, and gone with its channel (Swarm). */
  readonly isEphemeral?: boolean | undefined;
  readonly properties?: NodeProperties | undefined;
}

/** A mark that somebody set. It survives restarts. */
export interface OfflineMark {
  readonly message: string;
  readonly user: string;
  readonly atMs: number;
}

export interface Executor {
  readonly number: number;
  work: Work | null;
  /** Whether it shows what it runs: not so in the moments between the choice and the start. */
  hasPicked: boolean;
}

/** A node and its agent, or the master's own. */
export interface MasterNode {
  readonly name: string;
  readonly displayName: string;
  readonly isBuiltIn: boolean;
  readonly description: string;
  readonly labels: readonly string[];
  /** Its labels and its own name. */
  readonly atoms: ReadonlySet<string>;
  readonly mode: "EXCLUSIVE" | "NORMAL";
  readonly remoteFs: string;
  readonly webSocket: boolean;
  readonly isKept: boolean;
  readonly isEphemeral: boolean;
  readonly properties: NodeProperties;
  readonly executors: readonly Executor[];
  /** Where it stands on the ring from which jobs choose their agents. */
  readonly place: number;
  mark: OfflineMark | null;
  /** When its channel came up; null: none. */
  connectedAtMs: number | null;
  /** When and why it was lost; null: it never was up. */
  lostAtMs: number | null;
  revision: number;
}

/** A new node, without a channel. Raises master-refused for a name that Jenkins would not take. */
export function newNode(spec: NodeSpec): MasterNode {
  const name = spec.name.trim();
  checkGoodName(name);
  const labels = [...new Set(labelTokens(spec.labels ?? ""))];
  return {
    name,
    displayName: name,
    isBuiltIn: false,
    description: spec.description ?? "",
    labels,
    atoms: new Set([...labels, name]),
    mode: spec.mode ?? "EXCLUSIVE",
    remoteFs: spec.remoteFs ?? "/home/jenkins/agent",
    webSocket: spec.webSocket ?? false,
    isKept: spec.isKept ?? false,
    isEphemeral: spec.isEphemeral ?? false,
    properties: spec.properties ?? { env: [], tools: [] },
    executors: executorsOf(spec.executors ?? 1),
    place: placeOf(name),
    mark: null,
    connectedAtMs: null,
    lostAtMs: null,
    revision: 0,
  };
}

/** The master's own node, always connected. Its name as a label is `built-in` (before: `master`). */
export function builtInNode(displayName: string, executors: number): MasterNode {
  const label = displayName === "master" ? "master" : "built-in";
  return {
    ...newNode({ name: label, executors, mode: "NORMAL" }),
    name: "",
    displayName,
    isBuiltIn: true,
    description: "the Jenkins controller's built-in node",
    atoms: new Set([label]),
    connectedAtMs: 0,
  };
}

function executorsOf(count: number): Executor[] {
  return Array.from({ length: count }, (_, number) => ({ number, work: null, hasPicked: false }));
}

/** Marked, or without a channel: the API's `offline` means either. */
export function isOffline(node: MasterNode): boolean {
  return node.mark !== null || node.connectedAtMs === null;
}

export function idleExecutors(node: MasterNode): number {
  let idle = 0;
  for (const executor of node.executors) if (executor.work === null) idle += 1;
  return idle;
}

const unsafeInNames = /[?*/\\%!@#$^&|<>[\]:;]/;

function checkGoodName(name: string): void {
  const fault =
    name === ""
      ? "No name is specified"
      : name === "." || name === ".."
        ? `“${name}” is not an allowed name`
        : /\p{Cc}/u.test(name)
          ? `No control code is allowed: ${name.replaceAll(/\p{Cc}/gu, (code) => `\\u${code.charCodeAt(0)};`)}`
          : unsafeInNames.test(name)
            ? `‘${unsafeInNames.exec(name)?.[0]}’ is an unsafe character`
            : name.endsWith(".")
              ? "A name cannot end with ‘.’"
              : null;
  if (fault !== null) throw new KubestackError("master-refused", fault, { retry: "never" });
}
