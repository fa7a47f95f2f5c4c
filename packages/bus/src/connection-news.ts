import type { NatsConnection } from "@nats-io/transport-node";

/**
 * Tells, until the connection is closed for good, each time that it is lost and each time that it is had again. Each telling is
 * waited for before the next.
 */
export async function tellConnection(
  nc: Pick<NatsConnection, "status">,
  tell: (isConnected: boolean) => unknown,
): Promise<void> {
  for await (const { type } of nc.status()) {
    if (type === "disconnect" || type === "close") await tell(false);
    else if (type === "reconnect") await tell(true);
  }
}
