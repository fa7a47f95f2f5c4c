import { type KeptMaster, keys, type MasterStatus, type ServiceName, type WantedLabel } from "@kubestack/contracts";
import { printAge } from "../words/age.ts";
import type { NewestRound, Observation } from "./observation.ts";

/**
 * How a master stands, in one word: `ok`; `refused`, `unreachable` and `starting` as the services tell them; `quieting`
 * (it is about to shut down); `unread` (no demand-collector reads it); `unsupervised` (no slave-supervisor owns it);
 * `paused` and `draining` (a person ordered it); `removed` (it is out of the configuration, and drained).
 */
export type MasterState =
  | "ok"
  | "refused"
  | "unreachable"
  | "starting"
  | "quieting"
  | "unread"
  | "unsupervised"
  | "paused"
  | "draining"
  | "removed";

export interface MasterStanding {
  readonly state: MasterState;
  /** Why, as a sentence; empty while all is well. */
  readonly detail: string;
  /** When it began, in milliseconds, where that is known. */
  readonly since: number | null;
}

/** A round older than this, in milliseconds, says nothing about now. */
export const roundAgeMs = 60_000;

/** Codes of a master that answers, and says no. */
const refusals: ReadonlySet<string> = new Set(["credential-refused", "master-refused", "not-a-master"]);

/**
 * Where no process says that it serves this master (the one that does may not answer in time), its newest round and the
 * leases tell. Trouble with reading comes before trouble with supervising, and trouble before what is ordered.
 */
export function standingOf(master: string, seen: Observation, now: number): MasterStanding {
  const reading = readingOf(statusOf("demand-collector", master, seen), seen.rounds.get(master), now);
  if (reading.state !== "ok") return removedToo(reading, seen.kept.get(master), master);
  const supervisor = statusOf("slave-supervisor", master, seen);
  if (supervisor?.state === "starting" || supervisor?.state === "refused")
    return { state: supervisor.state, detail: supervisor.detail, since: supervisor.since };
  if (supervisor === undefined || supervisor.state === "waiting") {
    if (ownerOf(master, seen) === null)
      return { state: "unsupervised", detail: "no slave-supervisor owns it: nothing is launched for it", since: null };
  }
  return orderedOf(master, seen, supervisor?.detail) ?? reading;
}

/** Whoever took the master out of the configuration wonders why it is still there. */
function removedToo(reading: MasterStanding, kept: KeptMaster | undefined, master: string): MasterStanding {
  if (kept === undefined || kept.removedAt === null) return reading;
  if (reading.state !== "unreachable" && reading.state !== "refused") return reading;
  const now =
    kept.forgotten === undefined
      ? `what is left there stays until it answers, or until kubestackcmd masters forget ${master} gives it up.`
      : `${kept.forgotten.by} gave it up, and it goes when the pods of its slaves are gone.`;
  const detail = `${reading.detail.replace(/\.?$/, ".")} It is out of the configuration; ${now}`;
  return { ...reading, detail };
}

/** How it stands by what is kept of it; undefined: as ever. */
function orderedOf(
  master: string,
  { kept }: Pick<Observation, "kept">,
  supervised: string | undefined,
): MasterStanding | undefined {
  const { removedAt = null, order = null } = kept.get(master) ?? {};
  if (removedAt !== null) {
    const detail = `out of the configuration${supervised ? `; ${supervised}` : ""}`;
    return { state: "removed", detail, since: removedAt };
  }
  if (order === null) return undefined;
  const why = order.reason === "" ? "" : `: ${order.reason}`;
  return { state: order.kind, detail: `by ${order.by}${why}`, since: order.at };
}

/** The process that supervises a master now. */
export function ownerOf(master: string, { holders }: Pick<Observation, "holders">): string | null {
  return holders.get(keys.lease("slave-supervisor", master)) ?? null;
}

/** What one service says about a master. */
export function statusOf(service: ServiceName, master: string, seen: Observation): MasterStatus | undefined {
  const answer = seen.services[service];
  return answer.state === "ok" ? answer.status.masters.find((one) => one.master === master) : undefined;
}

function readingOf(collector: MasterStatus | undefined, round: NewestRound | undefined, now: number): MasterStanding {
  if (collector !== undefined && collector.state !== "ok" && collector.state !== "waiting")
    return { state: collector.state, detail: collector.detail, since: collector.since || null };
  if (collector?.state === "ok")
    return round?.source.quietingDown === true ? quieting : { state: "ok", detail: "", since: collector.since };
  if (round === undefined) return { state: "unread", detail: "no demand-collector has read it yet", since: null };
  const ageMs = now - round.publishedAt;
  if (ageMs > roundAgeMs)
    return { state: "unread", detail: `its queue was last read ${printAge(ageMs)} ago`, since: round.publishedAt };
  const { source } = round;
  if (source.state === "ok") return source.quietingDown ? quieting : { state: "ok", detail: "", since: null };
  const state = refusals.has(source.problem?.code ?? "") ? "refused" : "unreachable";
  return { state, detail: source.problem?.message ?? "it does not answer", since: null };
}

const quieting: MasterStanding = {
  state: "quieting",
  detail: "it is about to shut down and starts no builds",
  since: null,
};

/** A label as people write it. */
export function printWish(wants: WantedLabel): string {
  switch (wants.kind) {
    case "expression":
      return `'${wants.expression}'`;
    case "any":
      return "no label";
    case "unknown":
      return "a label that is not known";
  }
}
