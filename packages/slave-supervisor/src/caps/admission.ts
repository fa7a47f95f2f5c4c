import type { Amounts } from "@kubestack/contracts";
import {
  type Caps,
  capsOfAll,
  capsOfMaster,
  divide,
  type LaunchIntent,
  nothing,
  plus,
  type Sharer,
  sumOf,
  toldRefusal,
  type WaitReason,
  type WarmLaunch,
} from "@kubestack/demand";
import type { SourceDecision } from "../launching.ts";
import type { MasterScope } from "../master-scope.ts";
import { freeFor } from "./cap-lines.ts";
import { costIn } from "./costs.ts";
import type { Settling } from "./shared-caps.ts";

/** A launch that was decided, and what it asks for. */
interface Wanted {
  readonly intent: LaunchIntent;
  readonly ask: Amounts;
}

/**
 * What of the decided launches the caps allow: the master's own cpu and memory first, then what all masters share. A launch that
 * is not made waits with its reason. When this resolves the master's line is raised: its ledger may be.
 */
export async function admit(
  scope: MasterScope,
  decided: readonly SourceDecision[],
  now: number,
): Promise<readonly SourceDecision[]> {
  const { options, ledger } = scope;
  const { name, templates, ownCaps = {}, sharedCaps, weight = 1 } = options;
  if (ledger === undefined) return decided;
  const costOf = costIn(templates);
  const wanted = decided.flatMap(({ decision }) =>
    decision.launches.map((intent) => ({
      intent,
      ask: costOf({ template: intent.template, size: intent.sized?.size }),
    })),
  );
  const used = sumOf(ledger.ledger.live.map(costOf));
  const own: Sharer = { name, weight, used, since: now };
  const { left, waiting } = underOwnCaps(wanted, own, ownCaps);
  if (sharedCaps === undefined || !scope.isOwner()) return without(decided, waiting);
  const {
    division,
    want,
    others,
    own: after,
  } = await sharedCaps.take({ ...lineOf(scope, now, used), asks: asksOf(left) });
  const told = { names: capsOfAll, caps: sharedCaps.caps, own: after, want, others };
  for (const [at, refusal] of division.refused) {
    const one = left[at];
    if (one === undefined) continue;
    const { code, reason } = toldRefusal(refusal, { ...told, ask: one.ask });
    waiting.set(one.intent, { item: one.intent.item, code, reason, cap: { of: "all" } });
  }
  return without(decided, waiting);
}

/**
 * Which of the launches that are for no item the caps allow, once those for items are in the ledger: none where an item waits for such a
 * cap, here or, under what all masters share, elsewhere as far as room is for it. When this resolves the master's line is raised.
 */
export async function admitIdle(
  scope: MasterScope,
  {
    launches,
    decided,
    now,
  }: {
    readonly launches: readonly WarmLaunch[];
    readonly decided: readonly SourceDecision[];
    readonly now: number;
  },
): Promise<readonly WarmLaunch[]> {
  const { options, ledger } = scope;
  const { templates, ownCaps = {}, sharedCaps } = options;
  const isWaited = decided.some(({ decision }) =>
    decision.waiting.some(({ cap, code }) => code !== "too-large" && (cap?.of === "all" || cap?.of === "master")),
  );
  if (launches.length === 0 || ledger === undefined || isWaited) return [];
  const costOf = costIn(templates);
  const free = freeFor(launches.map(costOf), ownCaps, ledger.ledger.live.map(costOf));
  if (sharedCaps === undefined || free.length === 0 || !scope.isOwner()) return launches.slice(0, free.length);
  const { idle } = await sharedCaps.take({ ...lineOf(scope, now), asks: [], idle: free });
  return launches.slice(0, idle);
}

/** What the master's line is made from. `used`: what its ledger's slaves ask for, where that is reckoned already. */
export function lineOf({ options, ledger }: MasterScope, now: number, used?: Amounts): Settling {
  const { name: master, weight = 1, intervalMs, store, templates } = options;
  const { live = [], term = 0 } = ledger?.ledger ?? {};
  const asked = used ?? sumOf(live.map(costIn(templates)));
  return { master, live, term, store: store.standing().id, weight, intervalMs, used: asked, now };
}

function underOwnCaps(
  wanted: readonly Wanted[],
  own: Sharer,
  caps: Caps,
): { left: Wanted[]; waiting: Map<LaunchIntent, WaitReason> } {
  const waiting = new Map<LaunchIntent, WaitReason>();
  const { granted, refused } = divide(caps, { ...own, asks: asksOf(wanted) }, []);
  const left = granted.flatMap((at) => wanted[at] ?? []);
  const after = { ...own, used: plus(own.used, sumOf(asksOf(left))) };
  for (const [at, refusal] of refused) {
    const { intent, ask } = wanted[at] ?? {};
    if (intent === undefined) continue;
    const told = { names: capsOfMaster(own.name), caps, ask: ask ?? nothing, own: after, want: nothing, others: [] };
    waiting.set(intent, { item: intent.item, ...toldRefusal(refusal, told), cap: { of: "master" } });
  }
  return { left, waiting };
}

function asksOf(wanted: readonly Wanted[]): Amounts[] {
  return wanted.map(({ ask }) => ask);
}

function without(
  decided: readonly SourceDecision[],
  waiting: ReadonlyMap<LaunchIntent, WaitReason>,
): readonly SourceDecision[] {
  if (waiting.size === 0) return decided;
  return decided.map(({ source, decision }) => ({
    source,
    decision: {
      ...decision,
      launches: decision.launches.filter((intent) => !waiting.has(intent)),
      waiting: [...decision.waiting, ...decision.launches.flatMap((intent) => waiting.get(intent) ?? [])],
    },
  }));
}
