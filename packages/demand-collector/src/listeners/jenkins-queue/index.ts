import { duration, KubestackError, type QueueItem } from "@kubestack/contracts";
import { type QueueEntry, readWhy } from "@kubestack/jenkins";
import { z } from "zod";
import { type DemandListenerKind, jenkinsOf } from "../listener.ts";
import { LabelMemory } from "./label-memory.ts";
import type { LabelFinding } from "./labels.ts";

const schema = z.strictObject({
  type: z.literal("jenkins-queue"),
  /** From the start of one round to the start of the next. */
  interval: duration({ min: "250ms", max: "5m" }).prefault("2s"),
});

/** Reads a Jenkins-family master: its computers, then its queue. The order is what the demand arithmetic stands on. */
export const jenkinsQueue: DemandListenerKind<typeof schema> = {
  schema,
  connect: (config, context) => {
    const { log, now } = context;
    const master = jenkinsOf(context);
    const memory = new LabelMemory(master, now);
    return {
      name: "jenkins-queue",
      intervalMs: config.interval,
      observe: async () => {
        const readAt = now();
        const fleet = await master.readComputers();
        const queueReadAt = now();
        const queue = await master.readQueue();
        if (fleet.session !== queue.session) {
          throw new KubestackError(
            "master-unavailable",
            `Master ${master.name} was started anew while it was being read.`,
          );
        }
        for (const { skipped, skippedBecause } of [fleet, queue])
          if (skipped > 0) log.warn({ master: master.name, skipped }, `unreadable entries: ${skippedBecause}`);
        const names = new Set(fleet.computers.map(({ name }) => name));
        const waiting = queue.items.filter(isDemand);
        const findings = await memory.find(waiting, { session: queue.session, isNode: (name) => names.has(name) });
        return {
          readAt,
          queueReadAt,
          session: queue.session,
          quietingDown: waiting.some(({ why }) => readWhy(why).kind === "shutting-down"),
          items: waiting.map((entry, index) => itemOf(entry, findings[index])),
          computers: fleet.computers,
        };
      },
    };
  },
};

/** Only what could start at once is demand: neither blocked, nor in its quiet period, nor already handed to an executor. */
function isDemand(entry: QueueEntry): boolean {
  return entry.buildable && !entry.blocked && !entry.pending;
}

function itemOf(entry: QueueEntry, finding: LabelFinding | undefined): QueueItem {
  return {
    id: entry.id,
    job: entry.job.name,
    url: entry.job.url,
    wants: finding?.wants ?? { kind: "unknown", because: "it was not looked for" },
    labelOrigin: finding?.origin ?? "none",
    waitingSince: entry.buildableSince ?? entry.inQueueSince,
    why: entry.why,
  };
}
