import { fits } from "./assign.ts";
import type { LaunchIntent, LaunchTemplate, Situation, WaitCode, WaitReason } from "./shortfall.ts";
import type { Wish, Wisher } from "./wishes.ts";

/** The templates that satisfy a wish; those before `next` have no room left or are held. */
interface Choice {
  readonly able: readonly LaunchTemplate[];
  next: number;
}

/** For each item, in order: the first template in config order that satisfies it, has room and no hold; or why there is none. */
export function choose(
  unserved: readonly Wisher[],
  wishes: readonly Wish[],
  situation: Situation,
): { launches: LaunchIntent[]; waiting: WaitReason[] } {
  const room = new Map(situation.templates.map(({ name, room: { slaves } }) => [name, slaves]));
  const sets = situation.templates.map((template) => ({ template, labels: new Set(template.labels) }));
  const choices = new Map<number, Choice>();
  const launches: LaunchIntent[] = [];
  const waiting: WaitReason[] = [];
  for (const { item, wish: index } of unserved) {
    const wish = wishes[index];
    if (wish === undefined) continue;
    const choice = choices.get(index) ?? { able: ableOf(wish, sets), next: 0 };
    choices.set(index, choice);
    if (situation.paused !== undefined && choice.able.length > 0) {
      waiting.push({ item, code: "paused", reason: situation.paused });
      continue;
    }
    const template = firstOpen(choice, room);
    if (template === undefined) waiting.push({ item, ...whyNone(wish, choice.able) });
    else if (situation.room !== undefined && launches.length >= situation.room.slaves)
      waiting.push({ item, code: "cap", reason: `its master is at its cap: ${situation.room.cap}` });
    else if (launches.length >= situation.allowance)
      waiting.push({ item, code: "brake", reason: situation.brake ?? "this minute's launches are used up" });
    else {
      room.set(template.name, (room.get(template.name) ?? 0) - 1);
      launches.push({ item, template: template.name, reason: `for ${item.job}, queue item ${item.id}` });
    }
  }
  return { launches, waiting };
}

function firstOpen(choice: Choice, room: ReadonlyMap<string, number>): LaunchTemplate | undefined {
  for (; choice.next < choice.able.length; choice.next += 1) {
    const template = choice.able[choice.next];
    if (template?.hold === undefined && (room.get(template?.name ?? "") ?? 0) > 0) return template;
  }
  return undefined;
}

function ableOf(
  wish: Wish,
  sets: readonly { template: LaunchTemplate; labels: ReadonlySet<string> }[],
): LaunchTemplate[] {
  if (wish.byAbsence) return [];
  return sets
    .filter(({ template, labels }) => fits(wish.expression, { labels, unlabelled: template.unlabelled }))
    .map(({ template }) => template);
}

function whyNone({ text, byAbsence }: Wish, able: readonly LaunchTemplate[]): { code: WaitCode; reason: string } {
  const full = able.find(({ hold }) => hold === undefined);
  if (full !== undefined) return { code: "cap", reason: `template ${full.name} is at its cap: ${full.room.cap}` };
  const [held] = able;
  if (held !== undefined) return { code: "held", reason: `template ${held.name} is held: ${held.hold}` };
  const because = byAbsence
    ? `${text} is satisfied by the absence of labels; no template matches so`
    : `no template serves ${text}`;
  return { code: "not-ours", reason: because };
}
