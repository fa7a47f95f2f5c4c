import { channels, duration, nodeLabel, secretReference, subjects } from "@kubestack/contracts";
import { z } from "zod";
import type { DemandListenerKind } from "../listener.ts";
import { HookedJobs } from "./hooked-jobs.ts";
import { itemsOf } from "./items.ts";
import { Taking } from "./taking.ts";

const schema = z.strictObject({
  type: z.literal("webhook"),
  /** What a sender must know; it is never sent by KubeStack. */
  secret: secretReference,
  /** What jobs want whose sender does not tell (GitLab's): an empty list is any agent. Absent: nothing is launched for them. */
  labels: z.array(nodeLabel).max(16).optional(),
  /**
   * From the start of one reading of what was told to the start of the next. What is told is read at once; only of several
   * deliveries within a quarter of a second the later ones may wait for the interval.
   */
  interval: duration({ min: "250ms", max: "10s" }).prefault("2s"),
});

/**
 * Is told by webhooks which jobs wait, at `POST /hooks/demand/<master>`. What was told is kept in NATS: any process that
 * serves the master takes deliveries, and whoever holds its lease reads what waits.
 */
export const webhook: DemandListenerKind<typeof schema> = {
  schema,
  connect: ({ secret, labels, interval }, { name: master, bus, hooks, log, now }) => {
    const jobs = new HookedJobs({ master, bus, log, now });
    const taking = new Taking({ master, bus, jobs, now });
    return {
      name: "webhook",
      intervalMs: interval,
      watch: (changed) => {
        if (hooks === undefined) log.warn({ master }, "this process takes no webhooks: what others take is read");
        const ends = [
          bus.subscribe(channels.hooked, subjects.hooked(master), changed),
          hooks?.register({ kind: "demand", master, secret, take: (delivery) => taking.take(delivery) }),
        ];
        return () => {
          for (const end of ends) end?.();
        };
      },
      observe: async () => {
        const readAt = now();
        const { jobs: known, unreadable } = await jobs.all();
        const unread = { items: unreadable.length, faults: unreadable.join("; ").slice(0, 4096) };
        return {
          ...{ readAt, queueReadAt: readAt, session: null, quietingDown: false },
          ...{ items: itemsOf(known, labels), supply: "items" as const, ...(unreadable.length > 0 && { unread }) },
        };
      },
    };
  },
};
