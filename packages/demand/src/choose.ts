import { printJobs } from "@kubestack/contracts";
import { JobChoices } from "./job-choices.ts";
import type { LaunchIntent, LaunchTemplate, Room, Situation, WaitReason } from "./shortfall.ts";
import { launchKind, type Offer, offerOf, type Sized } from "./sizes.ts";
import type { Wish, Wisher } from "./wishes.ts";

/** A template that satisfies a wish, and with which size. */
interface Able {
  readonly template: LaunchTemplate;
  readonly sized: Sized | undefined;
  /** Why it is not taken, as a whole sentence; undefined where it may be. */
  readonly refusal: string | undefined;
  /** What has to have room for it, by name. */
  readonly rooms: readonly (Room & { readonly name: string })[];
}

/** The templates that satisfy a wish; those before `next` have no room left or are held. */
interface Choice {
  readonly able: readonly Able[];
  /** The first that would serve it, if only it were another job's. */
  readonly closed?: LaunchTemplate;
  /** Why a template that the wish means does not serve it, as to its sizes. */
  readonly refused: Extract<Offer, { kind: "refused" }> | undefined;
  next: number;
}

/** For each item, in order: the first template in config order that satisfies it, has room and no hold; or why there is none. */
export function choose(
  unserved: readonly Wisher[],
  wishes: readonly Wish[],
  situation: Situation,
): { launches: LaunchIntent[]; waiting: WaitReason[] } {
  const sets = situation.templates.map((template) => ({ template, labels: new Set(template.labels) }));
  const taken = new Map<string, number>();
  const choices = new Map<number, Choice>();
  const ofJobs = new JobChoices<Choice>();
  const launches: LaunchIntent[] = [];
  const waiting: WaitReason[] = [];
  for (const { item, wish: index } of unserved) {
    const wish = wishes[index];
    if (wish === undefined) continue;
    const whole = choices.get(index) ?? choiceOf(wish, sets);
    choices.set(index, whole);
    const choice = ofJobs.of(whole, item.job);
    if (situation.paused !== undefined && choice.able.length > 0) {
      waiting.push({ item, code: "paused", reason: situation.paused });
      continue;
    }
    const able = firstOpen(choice, taken);
    if (able === undefined) {
      waiting.push({ item, ...(whyClosed(wish, choice, item.job) ?? whyNone(wish, choice, taken)) });
      continue;
    }
    const later = whyLater(launches.length, situation);
    if (later !== undefined) {
      waiting.push({ item, ...later });
      continue;
    }
    const { template, sized, rooms } = able;
    for (const { name } of rooms) taken.set(name, (taken.get(name) ?? 0) + 1);
    const reason = `for ${item.job}, queue item ${item.id}`;
    launches.push({ item, template: template.name, reason, ...(sized === undefined ? {} : { sized }) });
  }
  return { launches, waiting };
}

type Why = Omit<WaitReason, "item">;

/** Why none is launched now, whatever its template, where so many are launched already. */
function whyLater(launches: number, { room, allowance, brake }: Situation): Why | undefined {
  if (room !== undefined && launches >= room.slaves)
    return { code: "cap", reason: `its master is at its cap: ${room.cap}`, cap: { of: "master" } };
  return launches < allowance ? undefined : { code: "brake", reason: brake ?? "this minute's launches are used up" };
}

function firstOpen(choice: Choice, taken: ReadonlyMap<string, number>): Able | undefined {
  for (; choice.next < choice.able.length; choice.next += 1) {
    const able = choice.able[choice.next];
    if (
      able !== undefined &&
      able.refusal === undefined &&
      able.rooms.every(({ name, slaves }) => slaves > (taken.get(name) ?? 0))
    )
      return able;
  }
  return undefined;
}

function choiceOf(
  wish: Wish,
  sets: readonly { readonly template: LaunchTemplate; readonly labels: ReadonlySet<string> }[],
): Choice {
  const offers = wish.byAbsence
    ? []
    : sets.map(({ template, labels }) => ({ template, offer: offerOf(wish.expression, template, labels) }));
  return {
    able: offers.flatMap(({ template, offer }) => (offer.kind === "serves" ? [ableOf(template, offer.sized)] : [])),
    refused: offers.map(({ offer }) => offer).find((offer) => offer.kind === "refused"),
    next: 0,
  };
}

/** What holds a template holds all its sizes, too. */
function ableOf(template: LaunchTemplate, sized: Sized | undefined): Able {
  const { name, room, hold } = template;
  const own = sized === undefined ? undefined : template.standingOf?.(sized.size);
  const rooms = [
    ...(template.shared === undefined ? [] : [template.shared]),
    ...(own === undefined ? [] : [{ name: launchKind(name, sized?.size), ...own.room }]),
    { name, ...room },
  ];
  const held = hold ?? own?.hold;
  const kind = hold === undefined ? launchKind(name, sized?.size) : name;
  const refusal = held === undefined ? template.barred : `template ${kind} is held: ${held}`;
  return { template, sized, refusal, rooms };
}

/** Where its job is all that is wrong. */
function whyClosed({ text, expression }: Wish, { able, closed }: Choice, job: string): Why | undefined {
  if (closed === undefined || able.length > 0) return undefined;
  const serves = expression === null ? "builds without a label" : text;
  const reason = `template ${closed.name} serves ${serves} but not job ${job} (its ${printJobs(closed.jobs ?? [])})`;
  return { code: "job", reason };
}

function whyNone({ text, byAbsence }: Wish, { able, refused }: Choice, taken: ReadonlyMap<string, number>): Why {
  const full = able.find(({ refusal }) => refusal === undefined);
  if (full !== undefined) {
    const { template } = full;
    const room = full.rooms.find(({ name, slaves }) => slaves <= (taken.get(name) ?? 0)) ?? template;
    const cap = "cap" in room ? room.cap : template.room.cap;
    const reason = `template ${template.name} is at its cap: ${cap}`;
    return { code: "cap", reason, cap: { of: "templates", name: room.name } };
  }
  const [held] = able;
  if (held?.refusal !== undefined) return { code: "held", reason: held.refusal };
  if (refused?.code === "size") return { code: "size", reason: refused.reason };
  const because = byAbsence
    ? `${text} is satisfied by the absence of labels; no template matches so`
    : `no template serves ${text}`;
  return { code: "not-ours", reason: refused === undefined ? because : `${because}: ${refused.reason}` };
}
