import { duration } from "@kubestack/contracts";
import { z } from "zod";
import { type DemandListenerKind, jenkinsOf } from "../listener.ts";

const schema = z.strictObject({
  type: z.literal("jenkins-computers"),
  /** From the start of one round to the start of the next. */
  interval: duration({ min: "250ms", max: "5m" }).prefault("2s"),
});

/** Reads a Jenkins-family master's computers and nothing else: what waits there is told by another source. */
export const jenkinsComputers: DemandListenerKind<typeof schema> = {
  schema,
  connect: ({ interval }, context) => {
    const { log, now } = context;
    const master = jenkinsOf(context);
    return {
      name: "jenkins-computers",
      intervalMs: interval,
      observe: async () => {
        const readAt = now();
        const { computers, session, skipped, skippedBecause } = await master.readComputers();
        if (skipped > 0) log.warn({ master: master.name, skipped }, `unreadable entries: ${skippedBecause}`);
        return { readAt, queueReadAt: readAt, session, quietingDown: false, items: [], computers };
      },
    };
  },
};
