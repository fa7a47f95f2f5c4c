import type { Bus } from "@kubestack/bus";
import type { DemandSource } from "@kubestack/contracts";
import type { Hooks } from "@kubestack/hooks";
import { type Master, presentMaster } from "@kubestack/jenkins";
import type { Logger } from "@kubestack/runtime";
import type { z } from "zod";

/** What a listener read: the part of a source that is not the collector's own bookkeeping. */
export type Reading = Omit<DemandSource, "name" | "term" | "round" | "state" | "problem" | "intervalMs">;

/** One source of demand of one master. */
export interface DemandListener {
  /** The source's name in every message. */
  readonly name: string;
  readonly intervalMs: number;
  /** Reads what is wanted now, whole. What it throws makes the source's state unknown. */
  observe(): Promise<Reading>;
  /** Calls `changed` whenever reading is worth it before the next round is due. Returns what ends it. */
  watch?(changed: () => void): () => void;
  /** Closes what it keeps open. Called once nothing is read any more. */
  close?(): void;
}

export interface ListenerContext {
  /** The master's name. */
  readonly name: string;
  /** Undefined for a master that is no Jenkins. */
  readonly master: Master | undefined;
  readonly bus: Pick<Bus, "readLast" | "lastSequence" | "subscribe" | "publish" | "hooks" | "deliveries">;
  /** Where webhooks for a master are taken in this process; undefined where it takes none. */
  readonly hooks: Hooks | undefined;
  readonly log: Logger;
  /** NATS's time in milliseconds. */
  readonly now: () => number;
}

/** A kind of listener: one folder each, registered in one line of `listeners/index.ts`. */
export interface DemandListenerKind<S extends z.ZodObject<{ type: z.ZodLiteral<string> }>> {
  readonly schema: S;
  connect(config: z.output<S>, context: ListenerContext): DemandListener;
}

/** The Jenkins that a listener reads. A configuration that names such a listener for another type of master is wrong. */
export function jenkinsOf(context: ListenerContext): Master {
  return presentMaster(context, "its demand can't be read from a queue");
}
