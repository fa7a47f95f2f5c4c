import { channels, duration, KubestackError, subjects } from "@kubestack/contracts";
import { z } from "zod";
import type { DemandListenerKind } from "../listener.ts";
import { readItems } from "./items.ts";

const schema = z.strictObject({
  type: z.literal("external"),
  /** A message that is older says nothing any more: its sender sends again before, also where nothing has changed. */
  maxAge: duration({ min: "1s", max: "24h" }).prefault("5m"),
  /** From the start of one round to the start of the next; a message that comes is read at once. */
  interval: duration({ min: "250ms", max: "5m" }).prefault("5s"),
});

/** Takes what anybody publishes as the demand of a system of one's own: all that waits there, whole. */
export const external: DemandListenerKind<typeof schema> = {
  schema,
  connect: ({ maxAge, interval }, { name: master, bus, log, now }) => {
    const subject = subjects.externalDemand(master);
    let toldBefore: string | undefined;
    const nothing = (why: string): KubestackError =>
      new KubestackError(
        "master-unavailable",
        `${why}: send all that waits to ${subject}, again and again, also where nothing waits.`,
      );
    return {
      name: "external",
      intervalMs: interval,
      watch: (changed) => bus.subscribe(channels.externalDemand, subject, changed),
      observe: async () => {
        const readAt = now();
        const message = await bus.readLast(channels.externalDemand, subject);
        if (message === undefined) {
          const isThere = (await bus.lastSequence(channels.externalDemand, subject)) > 0;
          throw nothing(isThere ? `The last message on ${subject} can't be read` : `Nothing came on ${subject} yet`);
        }
        const ageMs = now() - message.publishedAt;
        if (ageMs > maxAge) throw nothing(`The last message on ${subject} is ${Math.round(ageMs / 1000)} s old`);
        const { items, faults, unread } = readItems(message.data.items);
        const told = faults === undefined ? undefined : `The last message on ${subject} can't be read whole: ${faults}`;
        if (told !== undefined && told !== toldBefore) log.warn({ master, unread }, told);
        toldBefore = told;
        return {
          readAt,
          queueReadAt: readAt,
          session: null,
          quietingDown: false,
          items: [...items],
          ...(told === undefined ? {} : { unread: { items: unread, faults: told.slice(0, 4096) } }),
          supply: "items" as const,
        };
      },
    };
  },
};
