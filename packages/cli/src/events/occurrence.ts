import type { Message } from "@kubestack/bus";
import type { CapacityEvent, Completion, MasterEventMessage, SlaveEventMessage } from "@kubestack/contracts";
import { buildName, nameBuilds, printSpan } from "@kubestack/explain";
import { type Style, stateStyles } from "../text/paint.ts";

/** Something that happened, as a line of `events` shows it. */
export interface Occurrence {
  /** The message's own id. */
  readonly id: string;
  /** When, in milliseconds of NATS's time. */
  readonly at: number;
  readonly kind: "slave" | "master" | "completion" | "pool";
  /** The state entered, the build's phase, or what happened to the master or pool. */
  readonly word: string;
  readonly master: string;
  /** What it happened to. */
  readonly name: string;
  readonly template: string;
  readonly detail: string;
  readonly style: Style | undefined;
  /** The message's data as it was sent. */
  readonly data: SlaveEventMessage | MasterEventMessage | Completion | CapacityEvent;
}

export function slaveOccurrence({ id, data }: Message<SlaveEventMessage>): Occurrence {
  const { at, master, template, state, slave: name, outcome } = data;
  const style = outcome === "failed" ? "red" : stateStyles[state];
  return { id, at, kind: "slave", word: state, master, name, template, detail: slaveDetail(data), style, data };
}

/** Why it entered the state, and how long the one before took. */
function slaveDetail({ state, previous, reason, afterMs, pod, build, outcome }: SlaveEventMessage): string {
  const before = previous === null || afterMs === null ? [] : [`${previous} for ${printSpan(afterMs)}`];
  switch (state) {
    case "busy":
      // Told anew where its pod was lost, and where the next one has come.
      return [build === null || previous === "busy" ? nameBuilds(reason) : buildName(build), ...before].join(" · ");
    case "online":
      return [reason, ...before, ...(pod.node === null ? [] : [`on ${pod.node}`])].join(" · ");
    case "draining":
      return [nameBuilds(reason), ...before].join(" · ");
    case "deleted":
      // Why it went was told when it began to.
      return [outcome ?? nameBuilds(reason), ...before].join(" · ");
    default:
      return [nameBuilds(reason), ...before].join(" · ");
  }
}

export function masterOccurrence({ id, data }: Message<MasterEventMessage>): Occurrence {
  const { at, master, event, reason, slave } = data;
  const isTrouble = event === "unreachable" || event === "refused";
  const style = isTrouble ? "red" : event === "reachable" ? "green" : undefined;
  const kind = slave === undefined ? "master" : "slave";
  return { id, at, kind, word: event, master, name: slave ?? master, template: "", detail: reason, style, data };
}

export function completionOccurrence({ id, data }: Message<Completion>): Occurrence {
  const { at, master, phase, node, build, result } = data;
  const named = buildName(build.url);
  const numbered = build.number === null || named.endsWith(` #${build.number}`) ? named : `${named} #${build.number}`;
  const detail = [numbered, ...(result === null ? [] : [result])].join(" · ");
  const name = node === null || node === "" ? "–" : node;
  return { id, at, kind: "completion", word: phase, master, name, template: "", detail, style: undefined, data };
}

/** A pool is nobody's: it has no master. */
export function poolOccurrence({ id, data }: Message<CapacityEvent>): Occurrence {
  const { at, pool: name, event, reason, from, to, isDryRun } = data;
  const size = from === undefined || to === undefined ? [] : [`${from} -> ${to} nodes`];
  const detail = [...size, reason, ...(isDryRun === true ? ["only said (dry run)"] : [])].join(" · ");
  const style = event === "held" ? "red" : event === "delivered" ? "green" : undefined;
  return { id, at, kind: "pool", word: event, master: "", name, template: "", detail, style, data };
}

/** In the order in which things happened; those of one moment stay as they were published. */
export function byTime(a: Occurrence, b: Occurrence): number {
  return a.at - b.at;
}
