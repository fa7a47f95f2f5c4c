import type { QueueItem } from "@kubestack/contracts";
import {
  isSatisfiedByAbsence,
  type LabelExpression,
  parseLabelExpression,
  printLabelExpression,
} from "./label-expression.ts";

/** What items ask for that ask for the same. */
export interface Wish {
  /** Null asks for no label. */
  readonly expression: LabelExpression | null;
  /** The wish for people, quoted. */
  readonly text: string;
  /** Whether a node without labels would do: such a wish launches nothing. */
  readonly byAbsence: boolean;
}

/** An item and the index of its wish. */
export interface Wisher {
  readonly item: QueueItem;
  readonly wish: number;
}

/** Items by what they ask for, oldest first; those whose label nobody knows are apart. */
export interface Wishes {
  readonly wishes: readonly Wish[];
  readonly wishers: readonly Wisher[];
  readonly unknown: readonly { readonly item: QueueItem; readonly because: string }[];
}

/** Sorts out what the items ask for. An item listed twice is one item. */
export function wishesOf(items: readonly QueueItem[]): Wishes {
  const wishes: Wish[] = [];
  const wishers: Wisher[] = [];
  const unknown: { item: QueueItem; because: string }[] = [];
  const byText = new Map<string, number>();
  const byKey = new Map<string, number>();
  for (const item of once(items).sort(oldestFirst)) {
    const { wants } = item;
    if (wants.kind === "unknown") {
      unknown.push({ item, because: wants.because });
      continue;
    }
    const text = wants.kind === "any" ? "" : wants.expression.trim();
    let wish = byText.get(text);
    if (wish === undefined) {
      const made = wishOf(text);
      wish = byKey.get(made.text) ?? wishes.push(made) - 1;
      byText.set(text, wish);
      byKey.set(made.text, wish);
    }
    wishers.push({ item, wish });
  }
  return { wishes, wishers, unknown };
}

function wishOf(text: string): Wish {
  if (text === "") return { expression: null, text: "no label", byAbsence: false };
  const expression = parseLabelExpression(text);
  return {
    expression,
    text: `'${printLabelExpression(expression)}'`,
    byAbsence: isSatisfiedByAbsence(expression),
  };
}

/** By id and address: a master that lost its queue may give an id anew. */
function once(items: readonly QueueItem[]): QueueItem[] {
  const byId = new Map<string, QueueItem>();
  const others = new Map<string, QueueItem>();
  for (const item of items) {
    const there = byId.get(item.id);
    if (there === undefined || there.url === item.url) byId.set(item.id, item);
    else others.set(`${item.id} ${item.url}`, item);
  }
  return [...byId.values(), ...others.values()];
}

/** Oldest first; where the master does not say, by id, numerically where ids are numbers. */
function oldestFirst(a: QueueItem, b: QueueItem): number {
  const byAge = (a.waitingSince ?? 0) - (b.waitingSince ?? 0);
  return byAge || a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
