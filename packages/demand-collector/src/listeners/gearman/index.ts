import { AdminClient, printAddress, tlsOf } from "@kubestack/gearman";
import type { DemandListenerKind } from "../listener.ts";
import { schema } from "./config.ts";
import { itemsOf } from "./items.ts";
import { readServer } from "./reading.ts";

/**
 * Reads a Gearman server to which a Zuul submits its builds: what waits and what runs, by label. The server tells builds of
 * one function apart by nothing, and shows no agents: its items are counts.
 */
export const gearman: DemandListenerKind<typeof schema> = {
  schema,
  connect: ({ host, port, interval, tls }, { name: master, log, now }) => {
    const server = printAddress({ host, port });
    let client: AdminClient | undefined;
    let toldBefore = "";
    const unreadOf = (skipped: number) =>
      skipped === 0
        ? undefined
        : {
            items: skipped,
            faults: `${skipped} lines of Gearman server ${server} can't be read: what they tell is not known`,
          };
    const tell = (skipped: number, left: number) => {
      const told = [
        ...[unreadOf(skipped)?.faults ?? []].flat(),
        ...(left > 0 ? [`${left} builds more than are published want an agent at Gearman server ${server}`] : []),
      ].join("; ");
      if (told !== "" && told !== toldBefore) log.warn({ master, skipped, left }, told);
      toldBefore = told;
    };
    return {
      name: "gearman",
      intervalMs: interval,
      observe: async () => {
        const readAt = now();
        try {
          // Files are read anew whenever something failed, so that renewed certificates are taken up.
          client ??= new AdminClient({ host, port, tls: tls && (await tlsOf(tls)) });
          const { builds, more, skipped } = await readServer(client);
          const { items, left } = itemsOf(builds, server);
          tell(skipped, left + more);
          const unread = unreadOf(skipped);
          return {
            ...{ readAt, queueReadAt: readAt, session: null, quietingDown: false },
            ...{ items, supply: "counts" as const, ...(unread === undefined ? {} : { unread }) },
          };
        } catch (error) {
          client?.close();
          client = undefined;
          throw error;
        }
      },
      close: () => client?.close(),
    };
  },
};
