import type { QueueItem } from "@kubestack/contracts";
import { assign } from "./assign.ts";
import { choose } from "./choose.ts";
import { mostAdvancedFirst, type Supply } from "./supply.ts";
import { type Wish, type Wisher, wishesOf } from "./wishes.ts";

/** A template as the demand arithmetic sees it. */
export interface LaunchTemplate {
  readonly name: string;
  readonly labels: readonly string[];
  /** Whether it takes builds that name no label. */
  readonly unlabelled: boolean;
  /** How many more slaves its caps allow now, and what cap says so. */
  readonly room: { readonly slaves: number; readonly cap: string };
  /** Why nothing is launched from it now, if so. Its slaves that are not online yet do not count meanwhile. */
  readonly hold?: string | undefined;
}

/** Why an item gets no launch. */
export type WaitCode =
  | "slave-coming"
  | "own-slave"
  | "not-ours"
  | "label-unknown"
  | "paused"
  | "held"
  | "cap"
  | "brake";

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
  /** Names of our slaves that no item needs now: least advanced first, then the youngest. */
  readonly surplus: readonly string[];
}

export interface Situation {
  readonly items: readonly QueueItem[];
  readonly supply: readonly Supply[];
  /** Names of slaves of ours that are no supply: an item may wait for one of them itself. */
  readonly ownNames?: readonly string[];
  /** In config order: the first that fits is taken. */
  readonly templates: readonly LaunchTemplate[];
  /** Why nothing at all is launched now, if so: what to say to each item that a template serves. */
  readonly paused?: string | undefined;
  /** How many launches the brake allows in this pass. */
  readonly allowance: number;
  /** What to say to an item that the brake keeps waiting. */
  readonly brake?: string;
  /** How many more slaves a cap over all templates allows, and what cap says so; absent where there is none. */
  readonly room?: { readonly slaves: number; readonly cap: string };
}

/**
 * What to launch for the waiting items: supply is matched first, oldest item and most advanced supply first; then each
 * item left over takes the first template that satisfies it, has room and no hold. Every item gets an intent or a reason.
 * Pure: any order of items and slaves, and any of them given twice, gives the same decision.
 */
export function shortfall(situation: Situation): Decision {
  const supply = once(situation.supply).sort(mostAdvancedFirst);
  const { wishes, wishers, unknown } = wishesOf(situation.items);
  const held = new Set(situation.templates.filter(({ hold }) => hold !== undefined).map(({ name }) => name));
  // A template is held because its launches fail: those under way must not keep an item from the next template.
  const counted = supply.filter(({ stage, template }) => stage === "online" || !held.has(template));
  const first = assign(wishers, wishes, counted);
  // They may still serve, though: what would be used if they counted is no surplus.
  const all = counted.length === supply.length ? first : assign(wishers, wishes, supply);

  const ownNames = new Set([...supply.filter(isOurs).map(({ name }) => name), ...(situation.ownNames ?? [])]);
  const ownOf = ({ wish }: Wisher) => ownName(wishes[wish], ownNames);
  const chosen = choose(
    first.unserved.filter((wisher) => ownOf(wisher) === undefined),
    wishes,
    situation,
  );
  const waiting: WaitReason[] = unknown.map(({ item, because }) => ({
    item,
    code: "label-unknown",
    reason: `its label is not known: ${because}`,
  }));
  for (const wisher of wishers) {
    const name = ownOf(wisher);
    // Only that one slave can ever take it: another would wait for nothing.
    if (name !== undefined)
      waiting.push({ item: wisher.item, code: "own-slave", reason: `it waits for the slave ${name} itself` });
  }
  for (const { wisher, by } of first.served)
    if (ownOf(wisher) === undefined)
      waiting.push({ item: wisher.item, code: "slave-coming", reason: `${by.name} is ${by.stage} and will take it` });
  const surplus = supply.filter((one) => isOurs(one) && !first.used.has(one.name) && !all.used.has(one.name));
  return {
    launches: chosen.launches,
    waiting: [...waiting, ...chosen.waiting],
    surplus: surplus.map(({ name }) => name).reverse(),
  };
}

function isOurs({ template }: Supply): boolean {
  return template !== "";
}

/** The slave that a wish names and nothing else: a build that goes on where it was. */
function ownName(wish: Wish | undefined, ownNames: ReadonlySet<string>): string | undefined {
  const expression = wish?.expression;
  return expression?.kind === "label" && ownNames.has(expression.name) ? expression.name : undefined;
}

function once(supply: readonly Supply[]): Supply[] {
  return [...new Map(supply.map((one) => [one.name, one])).values()];
}
