import { duration, quantity } from "@kubestack/contracts";
import { z } from "zod";
import { attachModeNames } from "./attach/index.ts";

/** The keys of a master's entry that the supervisor reads, of any type of master. */
export const supervisedMasterShape = {
  /** Slaves at once. */
  maxSlaves: z.number().int().min(0).max(100_000).optional(),
  /** Cpu and memory that its slaves' pods ask for at once. */
  cpu: quantity.optional(),
  memory: quantity.optional(),
  /** Its part of what all masters share, against those of the others. */
  weight: z.number().min(0.01).max(1000).default(1),
  podLabels: z.record(z.string(), z.string()).default({}),
};

/** Those that say how slaves become nodes of a Jenkins. */
export const jenkinsAttachShape = {
  attach: z
    .enum(attachModeNames, { error: `must be one of ${attachModeNames.join(", ")}; correct it` })
    .default("inbound"),
  /** The agents' way to the master; `auto`: by the tunnel, else by TCP, else by WebSocket. */
  transport: z
    .enum(["auto", "tcp", "websocket"], { error: "must be auto, tcp or websocket; correct it" })
    .default("auto"),
  /** Two offline nodes that carry every served label, so that the queue shows labels. */
  anchors: z.enum(["auto", "off"], { error: "must be auto or off; correct it" }).default("auto"),
  /** Nodes made and removed a second at this master; `auto` begins with 5 and finds out what it bears. */
  nodeOpsPerSecond: z
    .union([z.literal("auto"), z.number().min(0.1).max(1000)], {
      error: "must be auto or a number from 0.1 to 1000; correct it",
    })
    .default("auto"),
};

/** The rule between the keys of a Jenkins' agents: a WebSocket goes to the master's own address. */
export function checkTransport(master: {
  readonly transport?: unknown;
  readonly agentTunnel?: unknown;
}): string | null {
  if (master.transport !== "websocket" || master.agentTunnel === undefined) return null;
  return "has no effect where transport is websocket, whose agents come to agentUrl; remove one of the two";
}

/** `limits:` of the configuration. */
export const limitsSchema = z.strictObject({
  /** Launches a minute, for each master. */
  launchesPerMinute: z.number().int().min(1).max(100_000).default(600),
  /** Slaves at once, of all masters together. */
  maxSlaves: z.number().int().min(0).max(100_000).default(800),
  /** Cpu and memory that the pods of all slaves together ask for at once; default: any amount. */
  cpu: quantity.optional(),
  memory: quantity.optional(),
  /** Whether the Kubernetes plugin's pods in the agents' namespace count under what all masters together may have. */
  countForeign: z.boolean({ error: "must be true or false" }).default(false),
  /** How long a person may hold a slave at most, in milliseconds. */
  maxHold: duration({ min: "1m", max: "30d" }).default(24 * 60 * 60_000),
});
export type Limits = z.output<typeof limitsSchema>;
