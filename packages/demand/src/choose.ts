import { printJobs, type QueueItem } from "@kubestack/contracts";
import { type Able, ableOf, fullRoom, type Taken, take, toldFull, whyLater } from "./able.ts";
import { JobChoices } from "./job-choices.ts";
import { inTurn, type Standing, type Candidate as TurnTaker } from "./sharing/turns.ts";
import type { LaunchIntent, LaunchTemplate, Situation, WaitReason } from "./shortfall.ts";
import { type Offer, offerOf, type Sized } from "./sizes.ts";
import type { Wish, Wisher } from "./wishes.ts";

/** The templates that satisfy a wish; those before `next` have no room left or are held. */
interface Choice {
  readonly able: readonly Able[];
  /** The first that would serve it, if only it were another job's. */
  readonly closed?: LaunchTemplate;
  /** Why a template that the wish means does not serve it, as to its sizes. */
  readonly refused: Extract<Offer, { kind: "refused" }> | undefined;
  next: number;
}

/**
 * For each item, in order: the first template in config order that satisfies it, has room and no hold; or why there is none. The
 * launches come in the turns of their templates, and those that are one too many for master or brake wait.
 */
export function choose(
  unserved: readonly Wisher[],
  wishes: readonly Wish[],
  situation: Situation,
): { launches: LaunchIntent[]; waiting: WaitReason[] } {
  const sets = situation.templates.map((template) => ({ template, labels: new Set(template.labels) }));
  const taken = new Map<string, number>();
  const choices = new Map<number, Choice>();
  const ofJobs = new JobChoices<Choice>();
  const candidates: Candidate[] = [];
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
    take(able, taken);
    const { template, sized } = able;
    const ask = template.share?.askOf(sized?.size) ?? 1;
    candidates.push({ item, template: template.name, ask, sized });
  }
  const { launches, later } = madeOf(candidates, situation);
  return { launches, waiting: [...waiting, ...later] };
}

interface Candidate extends TurnTaker {
  readonly item: QueueItem;
  readonly sized: Sized | undefined;
}

const alike: Standing = { priority: 0, weight: 1, used: 0 };

function madeOf(candidates: readonly Candidate[], situation: Situation) {
  const shares = new Map(situation.templates.map(({ name, share = alike }) => [name, share]));
  const launches: LaunchIntent[] = [];
  const later: WaitReason[] = [];
  for (const { item, template, sized } of inTurn(candidates, (name) => shares.get(name) ?? alike)) {
    const why = whyLater(launches.length, situation);
    const reason = `for ${item.job}, queue item ${item.id}`;
    if (why !== undefined) later.push({ item, ...why });
    else launches.push({ item, template, reason, ...(sized === undefined ? {} : { sized }) });
  }
  return { launches, later };
}

type Why = Omit<WaitReason, "item">;

function firstOpen(choice: Choice, taken: Taken): Able | undefined {
  for (; choice.next < choice.able.length; choice.next += 1) {
    const able = choice.able[choice.next];
    if (able !== undefined && able.refusal === undefined && fullRoom(able, taken) === undefined) return able;
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

/** Where its job is all that is wrong. */
function whyClosed({ text, expression }: Wish, { able, closed }: Choice, job: string): Why | undefined {
  if (closed === undefined || able.length > 0) return undefined;
  const serves = expression === null ? "builds without a label" : text;
  const reason = `template ${closed.name} serves ${serves} but not job ${job} (its ${printJobs(closed.jobs ?? [])})`;
  return { code: "job", reason };
}

function whyNone({ text, byAbsence }: Wish, { able, refused }: Choice, taken: Taken): Why {
  const full = able.find(({ refusal }) => refusal === undefined);
  if (full !== undefined) {
    const { name, room } = full.template;
    const inTheWay = fullRoom(full, taken) ?? { name, ...room };
    return { code: "cap", reason: toldFull(full, inTheWay), cap: { of: "templates", name: inTheWay.name } };
  }
  const [held] = able;
  if (held?.refusal !== undefined) return { code: "held", reason: held.refusal };
  if (refused?.code === "size") return { code: "size", reason: refused.reason };
  const because = byAbsence
    ? `${text} is satisfied by the absence of labels; no template matches so`
    : `no template serves ${text}`;
  return { code: "not-ours", reason: refused === undefined ? because : `${because}: ${refused.reason}` };
}
