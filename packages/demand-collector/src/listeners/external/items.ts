import { type ExternalItem, externalItemSchema, type QueueItem } from "@kubestack/contracts";
import { plainWords, printPath, showValue } from "@kubestack/runtime";

/** So many faults of a message are told. */
const mostTold = 5;

/** What a message asks for. */
export interface ReadItems {
  readonly items: readonly QueueItem[];
  /** Where the message breaks its form, with what stands there; undefined: nowhere. */
  readonly faults?: string;
  /** Items that are not among `items` because nobody knows which they are. */
  readonly unread: number;
}

interface ReadItem {
  readonly item?: QueueItem;
  readonly faults: readonly string[];
}

/**
 * Reads each item on its own. One without a name that can be read is left out; one whose label can't be read waits, and wants
 * nobody knows what, so that a slave that it has stays its own; what is only for people is left empty.
 */
export function readItems(told: readonly unknown[]): ReadItems {
  const read = told.map(readItem);
  const items = new Map<string, QueueItem>();
  // The same item told once soundly is known.
  for (const { item } of read)
    if (item !== undefined && !(item.wants.kind === "unknown" && items.has(item.id))) items.set(item.id, item);
  const unread = read.filter(({ item }) => item === undefined).length;
  const faults = read.flatMap((one) => one.faults);
  if (faults.length === 0) return { items: [...items.values()], unread };
  const more = faults.length > mostTold ? [`and ${faults.length - mostTold} more`] : [];
  return { items: [...items.values()], unread, faults: [...faults.slice(0, mostTold), ...more].join("; ") };
}

function readItem(told: unknown, index: number): ReadItem {
  const read = externalItemSchema.safeParse(told, { error: plainWords });
  if (read.success) return { item: itemOf(read.data), faults: [] };
  const faults = new Map<PropertyKey | undefined, string>();
  for (const { path, message } of read.error.issues) {
    const value = showValue(told, path);
    const shown = value === undefined ? "" : ` = ${value}`;
    faults.set(path[0], `${printPath(["items", index, ...path])}${shown} ${message}`);
  }
  const known: Record<PropertyKey, unknown> = typeof told === "object" && told !== null ? { ...told } : {};
  for (const key of faults.keys()) if (key !== undefined) delete known[key];
  const rest = externalItemSchema.safeParse(known);
  if (!rest.success) return { faults: [...faults.values()] };
  const item = itemOf(rest.data);
  const because = faults.get("label");
  const isKnown = because === undefined;
  return {
    item: isKnown
      ? item
      : { ...item, wants: { kind: "unknown", because: because.slice(0, 1024) }, labelOrigin: "none" },
    faults: [...faults.values()],
  };
}

function itemOf({ id, label, job, url, waitingSince, why }: ExternalItem): QueueItem {
  const wants = label === undefined ? ({ kind: "any" } as const) : ({ kind: "expression", expression: label } as const);
  return { id, job: job === "" ? id : job, url, wants, labelOrigin: "told", waitingSince, why };
}
