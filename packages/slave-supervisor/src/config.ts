import { z } from "zod";
import { attachModeNames } from "./attach/index.ts";

/** The keys of a master's entry that the supervisor reads, of any type of master. */
export const supervisedMasterShape = {
  maxSlaves: z.number().int().min(0).max(100_000).optional(),
  podLabels: z.record(z.string(), z.string()).default({}),
};

/** Those that say how slaves become nodes of a Jenkins. */
export const jenkinsAttachShape = {
  attach: z
    .enum(attachModeNames, { error: `must be one of ${attachModeNames.join(", ")}; correct it` })
    .default("inbound"),
  /** Two offline nodes that carry every served label, so that the queue shows labels. */
  anchors: z.enum(["auto", "off"], { error: "must be auto or off; correct it" }).default("auto"),
  /** Nodes made and removed a second at this master; `auto` begins with 5 and finds out what it bears. */
  nodeOpsPerSecond: z
    .union([z.literal("auto"), z.number().min(0.1).max(1000)], {
      error: "must be auto or a number from 0.1 to 1000; correct it",
    })
    .default("auto"),
};

/** `limits:` of the configuration. */
export const limitsSchema = z.strictObject({
  /** Launches a minute, for each master. */
  launchesPerMinute: z.number().int().min(1).max(100_000).default(600),
  /** Slaves at once, for each master that names no `maxSlaves` of its own. */
  maxSlaves: z.number().int().min(0).max(100_000).default(800),
});
export type Limits = z.output<typeof limitsSchema>;
