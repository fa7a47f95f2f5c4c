import { KubestackError, utcMinute } from "@kubestack/contracts";
import { masterNames } from "../seen/master-names.ts";
import { standingOf } from "../seen/master-state.ts";
import type { Observation } from "../seen/observation.ts";
import { type Candidate, candidatesOf, type Found } from "./candidates.ts";
import type { Question } from "./explanation.ts";

const kinds = ["item", "slave", "label", "master", "pool"] as const;
/** So many of several that are meant are named. */
const namedAtMost = 5;

/** Finds what is meant: by its whole name first, then by the beginning of one. `not-found` where it is not one thing. */
export function find(seen: Observation, question: Question): Found {
  const [kind, what] = split(question.what);
  const all = candidatesOf(seen, question.master).filter(({ found }) => kind === undefined || found.kind === kind);
  const path = pathOf(what);
  const groups =
    path === undefined
      ? [
          all.filter(({ calledBy }) => calledBy.includes(what)),
          launchedFor(all, what),
          all.filter(({ calledBy }) => calledBy.some((name) => name.startsWith(what))),
        ]
      : byPath(all, path);
  const meant = groups.find((group) => group.length > 0) ?? [];
  const [first] = meant;
  if (what === "" || first === undefined) throw unknown(seen, question);
  if (meant.length === 1 || isOneJob(meant)) return oldest(meant)?.found ?? first.found;
  const names = meant.slice(0, namedAtMost).map(({ name }) => name);
  const more = meant.length > namedAtMost ? ` and ${meant.length - namedAtMost} more` : "";
  throw notFound(
    `'${question.what}' may mean ${names.join(", ")}${more}: write more of its name, item:, slave:, label:, master: or pool: in front of it, or --master NAME.`,
  );
}

/** `label:maven` is the label, whatever else is called so. */
function split(text: string): [kind: (typeof kinds)[number] | undefined, what: string] {
  const trimmed = text.trim();
  const kind = kinds.find((one) => trimmed.startsWith(`${one}:`));
  return kind === undefined ? [undefined, trimmed] : [kind, trimmed.slice(kind.length + 1).trim()];
}

/** An item that left the queue is still known by the slaves that were launched for it: the newest tells. */
function launchedFor(all: readonly Candidate[], what: string): Candidate[] {
  const newest = all
    .filter(({ found }) => found.kind === "slave" && found.record.item?.id === what)
    .sort((a, b) => bornAt(b) - bornAt(a));
  const masters = new Set(newest.map(({ found }) => (found.kind === "slave" ? found.record.master : "")));
  return masters.size > 1 ? newest : newest.slice(0, 1);
}

function bornAt({ found }: Candidate): number {
  return found.kind === "slave" ? (found.record.life.trail[0]?.at ?? 0) : 0;
}

/** A build that runs, an item of that job or run, a build that ran: people and KubeStack may know a master by two addresses. */
function byPath(all: readonly Candidate[], path: string): Candidate[][] {
  const slavesWith = (of: (found: Extract<Found, { kind: "slave" }>) => string | null | undefined) =>
    all.filter(({ found }) => found.kind === "slave" && pathOf(of(found) ?? "") === path);
  const items = all.flatMap((one) =>
    one.found.kind === "item" ? [{ one, at: pathOf(one.found.item.url) ?? "\n" }] : [],
  );
  return [
    slavesWith(({ record }) => record.life.builds.current?.url),
    items.filter(({ at }) => at === path).map(({ one }) => one),
    slavesWith(({ record }) => record.life.builds.lastUrl),
    // A run of a job that waits, or the job of a run that waits.
    items.filter(({ at }) => isNumber(rest(at, path)) || isNumber(rest(path, at))).map(({ one }) => one),
  ];
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d+\/$/.test(text);
}

/** What follows in an address that begins with another. */
function rest(whole: string, beginning: string): string | undefined {
  return whole.startsWith(beginning) ? whole.slice(beginning.length) : undefined;
}

/** From `/job/` on, with one `/` at its end; undefined for a text that is no address of a job. */
function pathOf(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const { pathname } = new URL(text);
  const start = pathname.indexOf("/job/");
  return start < 0 ? undefined : `${pathname.slice(start).replace(/\/+$/, "")}/`;
}

/** Several builds of one job wait: the oldest is explained, and tells of the others. */
function isOneJob(meant: readonly Candidate[]): boolean {
  const jobs = new Set(
    meant.map(({ found }) => (found.kind === "item" ? `${found.master} ${found.item.job}` : Symbol("no item"))),
  );
  return jobs.size === 1;
}

function oldest(meant: readonly Candidate[]): Candidate | undefined {
  const since = ({ found }: Candidate): number => (found.kind === "item" ? (found.item.waitingSince ?? 0) : 0);
  return meant.toSorted((a, b) => since(a) - since(b))[0];
}

/** Where a master does not answer, what waits there is not known either. */
function unknown(seen: Observation, { what, master, now }: Question): KubestackError {
  const silent = masterNames(seen)
    .filter((name) => master === undefined || name === master)
    .map((name) => ({ name, ...standingOf(name, seen, now) }))
    .filter(({ state }) => state === "refused" || state === "unreachable" || state === "unread" || state === "starting")
    .map(({ name, detail, since }) => {
      const from = since === null ? "" : ` since ${utcMinute(since)}`;
      return ` What waits at ${name} is unknown${from}: ${detail}`;
    });
  const where = master === undefined ? "" : ` of ${master}`;
  return notFound(
    `Nothing${where} is called '${what}', or begins so: no queue item, job, slave, label, master or node pool. A build that runs elsewhere or is long over is not kept.${silent.join("")}`,
  );
}

function notFound(sentence: string): KubestackError {
  return new KubestackError("not-found", sentence, { retry: "never" });
}
