import type { PodSize, QueueItem } from "@kubestack/contracts";
import { assign } from "./assign.ts";
import { choose } from "./choose.ts";
import { type IdleWish, matchIdle } from "./idle.ts";
import type { Standing } from "./sharing/turns.ts";
import type { Offering, Sized } from "./sizes.ts";
import { mostAdvancedFirst, type Supply } from "./supply.ts";
import { type Wish, type Wisher, wishesOf } from "./wishes.ts";

/** How many more slaves are allowed now, and what says so. */
export interface Room {
  readonly slaves: number;
  readonly cap: string;
}

/** How launches of one kind stand. */
export interface LaunchStanding {
  readonly room: Room;
  /** Why nothing is launched now, if so. Slaves of this kind that are not online yet do not count meanwhile. */
  readonly hold?: string | undefined;
  /**
   * Why nothing is launched now though launches of this kind do not fail of themselves, if so, as a whole sentence. Those that are
   * under way count: no other template would fare better.
   */
  readonly barred?: string | undefined;
}

/** A template as the demand arithmetic sees it. */
export interface LaunchTemplate extends Offering, LaunchStanding {
  /** The jobs that it is launched for, as `jobPattern` has them. Default: any. */
  readonly jobs?: readonly string[] | undefined;
  /** How those of a size stand by themselves, besides what holds for the template. Default: nothing is special about them. */
  readonly standingOf?: (size: PodSize) => LaunchStanding;
  /** A cap that it has together with all templates that name the same one. Default: none. */
  readonly shared?: Room & { readonly name: string };
  /** How it stands among the templates of its master where not all launches can be made. Default: like any other. */
  readonly share?: TemplateShare;
}

/** A template among those that share what its master may have. */
export interface TemplateShare extends Standing {
  /** What one more slave adds to `used`. */
  readonly askOf: (size: PodSize | undefined) => number;
}

/** Why an item gets no launch. */
export type WaitCode =
  | "slave-coming"
  | "own-slave"
  | "not-ours"
  | "job"
  | "size"
  | "label-unknown"
  | "paused"
  | "held"
  | "cap"
  | "share"
  | "too-large"
  | "brake";

/** One slave to be launched, for one item. */
export interface LaunchIntent {
  readonly item: QueueItem;
  readonly template: string;
  readonly reason: string;
  /** What of its template's slave is otherwise because the item asks for it by label; absent: nothing. */
  readonly sized?: Sized;
}

/** An item that gets no launch of its own, and why. */
export interface WaitReason {
  readonly item: QueueItem;
  readonly code: WaitCode;
  readonly reason: string;
  /** Which cap keeps it waiting, where one does. */
  readonly cap?: WaitedCap;
}

/** A cap: of a template or several of them, by its name; of a master; or of all masters. */
export type WaitedCap = { readonly of: "templates"; readonly name: string } | { readonly of: "master" | "all" };

export interface Decision {
  readonly launches: readonly LaunchIntent[];
  readonly waiting: readonly WaitReason[];
  /** Names of our slaves that no item needs now: least advanced first, then the youngest. */
  readonly surplus: readonly string[];
  /** Names of our slaves that no item needs and that are to be idle, by template: most advanced first, then the oldest. */
  readonly idle: ReadonlyMap<string, readonly string[]>;
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
  readonly room?: Room;
  /** How many slaves of which templates are to be idle besides; nothing is launched for that here. Default: none. */
  readonly idle?: readonly IdleWish[];
}

/**
 * What to launch for the waiting items: supply is matched first, oldest item and most advanced supply first; then each
 * item left over takes the first template that satisfies it, has room and no hold. Where the master has not room for all of
 * these, templates take turns (`inTurn`). Every item gets an intent or a reason.
 * Pure: any order of items and slaves, and any of them given twice, gives the same decision.
 */
export function shortfall(situation: Situation): Decision {
  const supply = once(situation.supply).sort(mostAdvancedFirst);
  const { wishes, wishers, unknown } = wishesOf(situation.items);
  const templates = new Map(situation.templates.map((template) => [template.name, template]));
  const isHeld = ({ template, size }: Supply): boolean => {
    const found = templates.get(template);
    return found?.hold !== undefined || (size !== undefined && found?.standingOf?.(size).hold !== undefined);
  };
  // A template is held because its launches fail: those under way must not keep an item from the next template.
  const mayBeHeld = situation.templates.some(({ hold, standingOf }) => hold !== undefined || standingOf !== undefined);
  const counted = mayBeHeld ? supply.filter((one) => one.stage === "online" || !isHeld(one)) : supply;
  // Whatever jobs a template is launched for: it is the master that hands out builds, and it does so by labels alone.
  const first = assign(wishers, wishes, counted);
  // They may still serve, though: what would be used if they counted is no surplus.
  const all = counted.length === supply.length ? first : assign(wishers, wishes, supply);

  const own = ownNames(wishes, () => [...supply.filter(isOurs).map(({ name }) => name), ...(situation.ownNames ?? [])]);
  const ownOf = ({ wish }: Wisher) => own[wish];
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
  const idle = matchIdle({ wishers, wishes }, supply, { idle: situation.idle ?? [], templates: situation.templates });
  const isUsed = (one: Supply): boolean =>
    first.used.has(one) || (all !== first && all.used.has(one)) || idle.used.has(one.name);
  const surplus = supply.filter((one) => isOurs(one) && !isUsed(one));
  return {
    launches: chosen.launches,
    waiting: [...waiting, ...chosen.waiting],
    surplus: surplus.map(({ name }) => name).reverse(),
    idle: idle.byTemplate,
  };
}

function isOurs({ template }: Supply): boolean {
  return template !== "";
}

/** For each wish the slave that it names and nothing else: a build that goes on where it was. */
function ownNames(wishes: readonly Wish[], names: () => readonly string[]): (string | undefined)[] {
  const plain = wishes.map(({ expression }) => (expression?.kind === "label" ? expression.name : undefined));
  if (!plain.some((name) => name !== undefined)) return [];
  const ours = new Set(names());
  return plain.map((name) => (name !== undefined && ours.has(name) ? name : undefined));
}

/** A new list. */
function once(supply: readonly Supply[]): Supply[] {
  const names = new Set<string>();
  for (const { name } of supply) names.add(name);
  return names.size === supply.length ? [...supply] : [...new Map(supply.map((one) => [one.name, one])).values()];
}
