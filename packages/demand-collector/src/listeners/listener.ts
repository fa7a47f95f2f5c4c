import type { DemandSource } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { Logger } from "@kubestack/runtime";
import type { z } from "zod";

/** What a listener read: the part of a source that is not the collector's own bookkeeping. */
export type Reading = Omit<DemandSource, "name" | "term" | "round" | "state" | "problem">;

/** One source of demand of one master. */
export interface DemandListener {
  /** The source's name in every message. */
  readonly name: string;
  readonly intervalMs: number;
  /** Reads what is wanted now, whole. What it throws makes the source's state unknown. */
  observe(): Promise<Reading>;
}

export interface ListenerContext {
  readonly master: Master;
  readonly log: Logger;
  /** NATS's time in milliseconds. */
  readonly now: () => number;
}

/** A kind of listener: one folder each, registered in one line of `listeners/index.ts`. */
export interface DemandListenerKind<S extends z.ZodObject<{ type: z.ZodLiteral<string> }>> {
  readonly schema: S;
  connect(config: z.output<S>, context: ListenerContext): DemandListener;
}
