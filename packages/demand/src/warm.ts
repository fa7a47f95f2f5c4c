import { type Able, ableOf, fullRoom, type Taken, take, toldFull, whyLater } from "./able.ts";
import type { Situation, WaitCode } from "./shortfall.ts";

/** How many slaves of a template are to be idle, and why, such as `warm: 0 7 * * 1-5, until 18:00 Europe/Berlin`. */
export interface WarmWish {
  readonly template: string;
  readonly idle: number;
  readonly because: string;
}

/** One slave to be launched for no item. */
export interface WarmLaunch {
  readonly template: string;
  readonly reason: string;
}

/** How many of a template are missing that are not launched now, and why. */
export interface WarmShort {
  readonly template: string;
  readonly count: number;
  readonly code: Extract<WaitCode, "paused" | "held" | "cap" | "brake">;
  readonly reason: string;
}

/** What is left once all items are served. */
export interface WarmSituation extends Pick<Situation, "templates" | "paused" | "allowance" | "brake" | "room"> {
  /** In the order in which they are launched. */
  readonly wishes: readonly WarmWish[];
  /** How many slaves of a template, on their way or idle, no item needs. */
  readonly unclaimed: ReadonlyMap<string, number>;
}

/**
 * What to launch so that as many slaves stay idle as are to be: for each template as many as are missing, as far as every cap, hold,
 * pause and the brake allow. Pure; decided again with what was launched it launches nothing.
 */
export function warmShortfall(situation: WarmSituation): { launches: WarmLaunch[]; short: WarmShort[] } {
  const launches: WarmLaunch[] = [];
  const short: WarmShort[] = [];
  const taken = new Map<string, number>();
  for (const { template: name, idle, because } of situation.wishes) {
    const template = situation.templates.find((one) => one.name === name);
    if (template === undefined) continue;
    const able = ableOf(template, undefined);
    const missing = idle - (situation.unclaimed.get(name) ?? 0);
    for (let launched = 0; launched < missing; launched += 1) {
      const why = whyNot(able, { situation, launched: launches.length, taken });
      if (why !== undefined) {
        short.push({ template: name, count: missing - launched, ...why });
        break;
      }
      take(able, taken);
      launches.push({ template: name, reason: `to keep ${idle} idle (${because})` });
    }
  }
  return { launches, short };
}

function whyNot(
  able: Able,
  { situation, launched, taken }: { situation: WarmSituation; launched: number; taken: Taken },
): Pick<WarmShort, "code" | "reason"> | undefined {
  if (situation.paused !== undefined) return { code: "paused", reason: situation.paused };
  if (able.refusal !== undefined) return { code: "held", reason: able.refusal };
  const full = fullRoom(able, taken);
  if (full !== undefined) return { code: "cap", reason: toldFull(able, full) };
  const later = whyLater(launched, situation);
  return later && { code: later.code, reason: later.reason };
}
