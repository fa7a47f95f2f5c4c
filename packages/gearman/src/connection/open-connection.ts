import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls, rootCertificates } from "node:tls";
import type { GearmanAddress } from "./address.ts";
import { socketFailure, unavailable } from "./failure.ts";

/** One answer, connecting included, may take this long unless said otherwise, in milliseconds. */
export const usualTimeoutMs = 10_000;

/** Opens one connection, TLS included. Raises master-unavailable where it does not stand in time; nothing is then left open. */
export function openConnection(address: GearmanAddress, timeoutMs: number = usualTimeoutMs): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = start(address);
    const fail = (error: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(unavailable(address, `took no connection within ${timeoutMs / 1000} s; see that it runs`)),
      timeoutMs,
    );
    const failed = (error: unknown) => fail(socketFailure(address, error));
    socket.once("error", failed);
    socket.once(address.tls === undefined ? "connect" : "secureConnect", () => {
      clearTimeout(timer);
      socket.off("error", failed);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

function start({ host, port, tls }: GearmanAddress): Socket {
  if (tls === undefined) return connectPlain({ host, port });
  return connectTls({
    host,
    port,
    // An address is no name that a certificate is chosen by.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: tls.insecureSkipVerify !== true,
    ...(tls.caPem === undefined ? {} : { ca: [...rootCertificates, tls.caPem] }),
    ...(tls.certPem === undefined ? {} : { cert: tls.certPem }),
    ...(tls.keyPem === undefined ? {} : { key: tls.keyPem }),
  });
}
