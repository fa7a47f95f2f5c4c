/** What the master's words for a waiting item mean. */
export type WhyKind =
  /** No node has the label, or all that have it are offline. */
  | "label-offline"
  /** The one node that could take it is offline. */
  | "node-offline"
  /** Every fitting executor is busy. `label` and `node` are both missing where the item asks for no label, or the master hides it. */
  | "executor"
  /** Idle executors exist, but none may take it. */
  | "unsuitable"
  /** Only exclusive nodes are idle, and the item asks for no label. */
  | "reserved"
  /** Not due yet. */
  | "quiet-period"
  /** Waits for another build or project. */
  | "blocked"
  /** The master takes no more builds. */
  | "shutting-down"
  /** A text of a plugin or of another version: it says nothing about the label. */
  | "unknown";

/** The label, or the one node, that the item waits for. The label is the master's own way of writing it: compare it parsed. */
export interface WhyReading {
  readonly kind: WhyKind;
  readonly label?: string;
  readonly node?: string;
}

const longest = 4096;
const mostParts = 8;

/**
 * Reads the English `why` of a queue item, in the wordings of Jenkins 1.396 to 2.579 and Hudson 3.3.
 *
 * "Waiting … on X" names a label or, where exactly one node has the label, that node: `isNode` settles it; without it
 * X is taken for a label.
 */
export function readWhy(why: string, isNode: (name: string) => boolean = () => false): WhyReading {
  const text = why.slice(0, longest).trim();
  const whole = readPart(text, isNode);
  if (whole.kind !== "unknown" && !hasParts(text)) return whole;
  if (!text.includes("; ")) return whole;
  return mergeParts(
    text
      .split("; ", mostParts)
      .filter((part) => !/^\.\.\. and \d{1,9} more$/.test(part))
      // Each part is about one node: "on X" within a list is never a label.
      .map((part) => readPart(part, () => true)),
  );
}

/** A text of several parts begins with a node's sentence and goes on with another one's. */
function hasParts(text: string): boolean {
  const first = text.indexOf("; ");
  return first >= 0 && readPart(text.slice(0, first), () => false).kind !== "unknown";
}

function mergeParts(parts: readonly WhyReading[]): WhyReading {
  const label = parts.find((part) => part.label !== undefined)?.label;
  if (label !== undefined) return { kind: "unsuitable", label };
  const known = parts.filter((part) => part.kind !== "unknown");
  const kinds = new Set(known.map((part) => part.kind));
  if (kinds.size === 0) return { kind: "unknown" };
  if (kinds.has("blocked")) return { kind: "blocked" };
  if (kinds.has("reserved")) return { kind: "reserved" };
  const [only] = kinds;
  return { kind: kinds.size === 1 && only !== undefined && only !== "node-offline" ? only : "unsuitable" };
}

function readPart(text: string, isNode: (name: string) => boolean): WhyReading {
  return readWaiting(text, isNode) ?? readLabelOffline(text) ?? readNode(text) ?? { kind: otherKind(text) };
}

const waiting = "Waiting for next available executor";

function readWaiting(text: string, isNode: (name: string) => boolean): WhyReading | null {
  if (!text.startsWith(waiting)) return null;
  const rest = text.slice(waiting.length);
  if (rest === "") return { kind: "executor" };
  if (!rest.startsWith(" on ")) return null;
  const named = unquoted(rest.slice(4));
  if (named === "") return { kind: "executor" };
  const node = nodeName(named);
  return isNode(node) ? { kind: "executor", node } : { kind: "executor", label: named };
}

function readLabelOffline(text: string): WhyReading | null {
  const label =
    inside(text, "All nodes of label ", " are offline") ??
    inside(text, "There are no nodes with the label ", "") ??
    inside(text, "There are no nodes with label ", "");
  return label === null ? null : { kind: "label-offline", label };
}

function readNode(text: string): WhyReading | null {
  for (const apostrophe of ["’", "'"]) {
    const middle = ` doesn${apostrophe}t have label `;
    const at = text.indexOf(middle);
    if (at > 0) return { kind: "unsuitable", label: unquoted(text.slice(at + middle.length)) };
  }
  if (text.includes(" is reserved for jobs ")) return { kind: "reserved" };
  if (text.includes(" lacks permission to run on ")) return { kind: "unsuitable" };
  if (text.endsWith(" is not accepting tasks")) return { kind: "unsuitable" };
  const offline = inside(text, "", " is offline");
  return offline === null ? null : { kind: "node-offline", node: nodeName(offline) };
}

function otherKind(text: string): WhyKind {
  if (/^(Jenkins|Hudson) is about to shut down/.test(text)) return "shutting-down";
  if (text.startsWith("In the quiet period") || text === "Finished waiting") return "quiet-period";
  if (/^(Blocked by |Upstream project |Downstream project |A build is already in progress)/.test(text))
    return "blocked";
  if (/^Build #\d{1,9} is already in progress/.test(text)) return "blocked";
  return "unknown";
}

function inside(text: string, before: string, after: string): string | null {
  if (!text.startsWith(before) || !text.endsWith(after) || text.length <= before.length + after.length) return null;
  const found = unquoted(text.slice(before.length, text.length - after.length));
  return found === "" ? null : found;
}

/** Drops one pair of outer quotes, which are ‘ ’ or ' by version. Double quotes stay: they belong to a label's own grammar. */
function unquoted(text: string): string {
  const bare = text.trim();
  const isPair = (bare.startsWith("‘") && bare.endsWith("’")) || (bare.startsWith("'") && bare.endsWith("'"));
  return isPair && bare.length > 1 ? bare.slice(1, -1) : bare;
}

function nodeName(text: string): string {
  const name = unquoted(text);
  return name.startsWith('"') && name.endsWith('"') && name.length > 1 ? name.slice(1, -1) : name;
}
