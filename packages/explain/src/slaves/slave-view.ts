import {
  type Outcome,
  type PodSize,
  podNameOf,
  type SlaveRecord,
  type SlaveState,
  utcInstant,
} from "@kubestack/contracts";
import { deadlinesOf, isHeld } from "@kubestack/slave";
import { buildName } from "../words/build-name.ts";
import { waitsOn } from "./waits-on.ts";

/** A slave as people and programs see it. Instants are milliseconds of NATS's time. */
export interface SlaveView {
  readonly name: string;
  readonly master: string;
  readonly template: string;
  readonly labels: readonly string[];
  /** What its build asked for by label; null: nothing. */
  readonly size: PodSize | null;
  readonly state: SlaveState;
  /** When it entered its state, and why; null where its record is damaged. */
  readonly since: number | null;
  readonly forMs: number | null;
  readonly reason: string;
  readonly waitsOn: string | null;
  readonly namespace: string;
  /** Its pod's name: the slave's own, but for one that follows a lost pod. */
  readonly pod: string;
  readonly node: string | null;
  /** The build that it runs, or ran last. */
  readonly build: { readonly name: string; readonly url: string } | null;
  /** The job that it was launched for. */
  readonly launchedFor: string | null;
  /** It was launched for no job, but to be idle. */
  readonly isWarm: boolean;
  readonly buildsRun: number;
  /** The clock that runs out first; those that depend on the master stand still while it does not answer. */
  readonly clock: { readonly name: string; readonly leftMs: number } | null;
  readonly outcome: Outcome | null;
  /** Until when its pod is kept to be looked into, and why, though it is over; null: it is not. */
  readonly retained: { readonly until: string; readonly because: string } | null;
  /** Who holds it, until when and why; null: nobody does. */
  readonly held: { readonly by: string; readonly until: string; readonly reason: string } | null;
  /** Why its agent did not come, as its log told; null: that is not why it left, or nothing is known. */
  readonly cause: string | null;
}

export function viewOf(record: SlaveRecord, now: number): SlaveView {
  const { name, master, template, labels, size = null, state, namespace, life, item, isWarm = false } = record;
  const entry = life.trail.at(-1);
  const url = life.builds.current?.url ?? (state === "online" ? null : life.builds.lastUrl);
  return {
    name,
    master,
    template,
    labels,
    size,
    state,
    since: entry?.at ?? null,
    forMs: entry === undefined ? null : Math.max(0, now - entry.at),
    reason: entry?.reason ?? "",
    waitsOn: waitsOn(record, now),
    namespace,
    pod: podNameOf(record),
    node: life.pod.node,
    build: url === null ? null : { name: buildName(url), url },
    launchedFor: item?.job ?? null,
    isWarm,
    buildsRun: life.builds.ran,
    clock: entry === undefined ? null : firstClock(record, now),
    outcome: life.outcome,
    retained: retainedIn(record, now),
    held: heldIn(record),
    cause: life.cause,
  };
}

/** How long one that is to be idle stays so is for its template to say, not for its idle time. */
function firstClock({ state, life, isWarm }: SlaveRecord, now: number): SlaveView["clock"] {
  const clocks = deadlinesOf(state, life).filter(({ clock }) => clock !== "idle" || !isWarm || life.builds.ran > 0);
  const [first] = clocks.toSorted((a, b) => a.at - b.at);
  return first === undefined ? null : { name: first.clock, leftMs: Math.max(0, first.at - now) };
}

function heldIn({ state, life }: SlaveRecord): SlaveView["held"] {
  if (life.held === null || state === "deleted" || !isHeld(life)) return null;
  const { by, until, reason } = life.held;
  return { by, until: utcInstant(until) ?? "", reason };
}

function retainedIn({ state, life: { pod } }: SlaveRecord, now: number): SlaveView["retained"] {
  if (state !== "deleted" || pod.retained === null || pod.goneAt !== null || pod.retained.until <= now) return null;
  return { until: utcInstant(pod.retained.until) ?? "", because: pod.retained.because };
}
