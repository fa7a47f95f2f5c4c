import type { QueueItem } from "@kubestack/contracts";
import {
  isSatisfiedBy,
  isSatisfiedByAbsence,
  type LabelExpression,
  parseLabelExpression,
  printLabelExpression,
} from "./label-expression.ts";
import { matchKinds } from "./matching.ts";
import type { Supply } from "./supply.ts";

/** A template as the demand arithmetic sees it. */
export interface LaunchTemplate {
  readonly name: string;
  readonly labels: readonly string[];
  /** Whether it takes builds that name no label. */
  readonly unlabelled: boolean;
  /** How many more slaves its caps allow now, and what cap says so. */
  readonly room: { readonly slaves: number; readonly cap: string };
  /** Why nothing is launched from it now, if so. */
  readonly hold?: string | undefined;
}

/** Why an item gets no launch. */
export type WaitCode = "slave-coming" | "own-slave" | "not-ours" | "label-unknown" | "held" | "cap" | "brake";

/** One slave to be launched, for one item. */
export interface LaunchIntent {
  readonly item: QueueItem;
  readonly template: string;
  readonly reason: string;
}

/** An item that gets no launch of its own, and why. */
export interface WaitReason {
  readonly item: QueueItem;
  readonly code: WaitCode;
  readonly reason: string;
}

export interface Decision {
  readonly launches: readonly LaunchIntent[];
  readonly waiting: readonly WaitReason[];
  /** Names of our slaves that no item needs now, least advanced first. */
  readonly surplus: readonly string[];
}

export interface Situation {
  readonly items: readonly QueueItem[];
  readonly supply: readonly Supply[];
  /** In config order: the first that fits is taken. */
  readonly templates: readonly LaunchTemplate[];
  /** How many launches the brake allows in this pass. */
  readonly allowance: number;
}

/** Items that ask for the same, oldest first. */
interface Wish {
  /** Null asks for no label. */
  readonly expression: LabelExpression | null;
  readonly items: QueueItem[];
}

/**
 * What to launch for the waiting items: supply is matched first, oldest item and most advanced supply first; then each
 * item left over takes the first template that satisfies it, has room and no hold. Every item gets an intent or a reason.
 * Pure: any order of items and slaves gives the same decision.
 */
export function shortfall(situation: Situation): Decision {
  const items = [...situation.items].sort(oldestFirst);
  const names = new Set(situation.supply.map(({ name }) => name));
  const waiting: WaitReason[] = [];
  const wishes = wishesOf(items, names, waiting);
  const { unserved, used, coming } = match(wishes, situation.supply);
  waiting.push(...coming);
  const launches = choose(
    unserved.sort((a, b) => oldestFirst(a.item, b.item)),
    situation,
    waiting,
  );
  const surplus = situation.supply.filter(({ name, template }) => template !== "" && !used.has(name));
  return { launches, waiting, surplus: surplus.map(({ name }) => name).reverse() };
}

/** Oldest first; where the master does not say, by id, numerically where ids are numbers. */
function oldestFirst(a: QueueItem, b: QueueItem): number {
  const byAge = (a.waitingSince ?? 0) - (b.waitingSince ?? 0);
  return byAge || a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function wishesOf(items: readonly QueueItem[], ours: ReadonlySet<string>, waiting: WaitReason[]): Wish[] {
  const wishes = new Map<string, Wish>();
  for (const item of items) {
    if (item.wants.kind === "unknown") {
      waiting.push({ item, code: "label-unknown", reason: `its label is not known: ${item.wants.because}` });
      continue;
    }
    const expression = item.wants.kind === "any" ? null : parseLabelExpression(item.wants.expression);
    if (expression?.kind === "label" && ours.has(expression.name)) {
      // Only that one slave can ever take it: another would wait for nothing.
      waiting.push({ item, code: "own-slave", reason: `it waits for the slave ${expression.name} itself` });
      continue;
    }
    const key = expression === null ? "" : printLabelExpression(expression);
    const wish = wishes.get(key);
    if (wish === undefined) wishes.set(key, { expression, items: [item] });
    else wish.items.push(item);
  }
  return [...wishes.values()];
}

interface SupplyKind {
  readonly labels: ReadonlySet<string>;
  readonly unlabelled: boolean;
  readonly members: Supply[];
}

function kindsOf(supply: readonly Supply[]): SupplyKind[] {
  const kinds = new Map<string, SupplyKind>();
  for (const one of supply) {
    const key = JSON.stringify([one.stage, one.unlabelled, [...one.labels].sort()]);
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { labels: new Set(one.labels), unlabelled: one.unlabelled, members: [one] });
    else kind.members.push(one);
  }
  return [...kinds.values()];
}

function fits(expression: LabelExpression | null, to: { labels: ReadonlySet<string>; unlabelled: boolean }): boolean {
  return expression === null ? to.unlabelled : isSatisfiedBy(expression, to.labels);
}

interface Unserved {
  readonly item: QueueItem;
  readonly expression: LabelExpression | null;
}

function match(wishes: readonly Wish[], supply: readonly Supply[]) {
  const kinds = kindsOf(supply);
  const flow = matchKinds(
    wishes.map(({ items }) => ({ count: items.length })),
    kinds.map(({ members }) => ({ count: members.length })),
    (left, right) => {
      const [wish, kind] = [wishes[left], kinds[right]];
      return wish !== undefined && kind !== undefined && fits(wish.expression, kind);
    },
  );
  const used = new Set<string>();
  const taken = kinds.map(() => 0);
  const unserved: Unserved[] = [];
  const coming: WaitReason[] = [];
  wishes.forEach((wish, left) => {
    const slaves = kinds.flatMap((kind, right) => {
      const from = taken[right] ?? 0;
      const count = flow[left]?.[right] ?? 0;
      taken[right] = from + count;
      return kind.members.slice(from, from + count);
    });
    wish.items.forEach((item, index) => {
      const slave = slaves[index];
      if (slave === undefined) unserved.push({ item, expression: wish.expression });
      else {
        used.add(slave.name);
        coming.push({ item, code: "slave-coming", reason: `${slave.name} is ${slave.stage} and will take it` });
      }
    });
  });
  return { unserved, used, coming };
}

function choose(unserved: readonly Unserved[], situation: Situation, waiting: WaitReason[]): LaunchIntent[] {
  const room = new Map(situation.templates.map(({ name, room: { slaves } }) => [name, slaves]));
  const sets = situation.templates.map((template) => ({ template, labels: new Set(template.labels) }));
  const launches: LaunchIntent[] = [];
  for (const { item, expression } of unserved) {
    const able =
      expression !== null && isSatisfiedByAbsence(expression)
        ? []
        : sets.filter(({ template, labels }) => fits(expression, { labels, unlabelled: template.unlabelled }));
    const open = able.find(({ template }) => template.hold === undefined && (room.get(template.name) ?? 0) > 0);
    if (open === undefined) {
      waiting.push({
        item,
        ...whyNone(
          expression,
          able.map(({ template }) => template),
        ),
      });
    } else if (launches.length >= situation.allowance) {
      waiting.push({ item, code: "brake", reason: "this minute's launches are used up" });
    } else {
      room.set(open.template.name, (room.get(open.template.name) ?? 0) - 1);
      launches.push({ item, template: open.template.name, reason: `for ${item.job}, queue item ${item.id}` });
    }
  }
  return launches;
}

function whyNone(
  expression: LabelExpression | null,
  able: readonly LaunchTemplate[],
): { code: WaitCode; reason: string } {
  const wish = expression === null ? "no label" : `'${printLabelExpression(expression)}'`;
  const held = able.find(({ hold }) => hold !== undefined);
  const full = able.find(({ hold }) => hold === undefined);
  if (full !== undefined) return { code: "cap", reason: `template ${full.name} is at its cap: ${full.room.cap}` };
  if (held !== undefined) return { code: "held", reason: `template ${held.name} is held: ${held.hold}` };
  if (expression !== null && isSatisfiedByAbsence(expression))
    return { code: "not-ours", reason: `${wish} is satisfied by the absence of labels; no template matches so` };
  return { code: "not-ours", reason: `no template serves ${wish}` };
}
