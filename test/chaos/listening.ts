import type { AddressInfo, Server } from "node:net";

/** Lets a server listen on loopback, at a port of the system's choice; resolves with it. */
export function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
