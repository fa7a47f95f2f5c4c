import type { LaunchTemplate, Room, Situation, WaitCode } from "./shortfall.ts";

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
    const missing = idle - (situation.unclaimed.get(name) ?? 0);
    for (let launched = 0; launched < missing; launched += 1) {
      const why = whyNot(template, { situation, launched: launches.length, taken });
      if (why !== undefined) {
        short.push({ template: name, count: missing - launched, ...why });
        break;
      }
      for (const { name: of } of roomsOf(template)) taken.set(of, (taken.get(of) ?? 0) + 1);
      launches.push({ template: name, reason: `to keep ${idle} idle (${because})` });
    }
  }
  return { launches, short };
}

function whyNot(
  template: LaunchTemplate,
  { situation, launched, taken }: { situation: WarmSituation; launched: number; taken: ReadonlyMap<string, number> },
): Pick<WarmShort, "code" | "reason"> | undefined {
  const { paused, room, allowance, brake } = situation;
  if (paused !== undefined) return { code: "paused", reason: paused };
  if (template.hold !== undefined)
    return { code: "held", reason: `template ${template.name} is held: ${template.hold}` };
  if (template.barred !== undefined) return { code: "held", reason: template.barred };
  const full = roomsOf(template).find(({ name, slaves }) => slaves <= (taken.get(name) ?? 0));
  if (full !== undefined) return { code: "cap", reason: `template ${template.name} is at its cap: ${full.cap}` };
  if (room !== undefined && launched >= room.slaves)
    return { code: "cap", reason: `its master is at its cap: ${room.cap}` };
  return launched < allowance ? undefined : { code: "brake", reason: brake ?? "this minute's launches are used up" };
}

function roomsOf({ name, room, shared }: LaunchTemplate): (Room & { readonly name: string })[] {
  return [...(shared === undefined ? [] : [shared]), { name, ...room }];
}
