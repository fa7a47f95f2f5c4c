import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { selfSigned } from "./certificate.ts";

/** What stands before a master and speaks TLS, with a certificate that nobody knows. */
export interface TlsFront {
  readonly url: string;
  readonly certPem: string;
  stop(): Promise<void>;
}

/** Puts it before the master at `url`, on loopback. */
export async function startTlsFront(url: string): Promise<TlsFront> {
  const { certPem, keyPem } = selfSigned("master", Date.now());
  const server = createServer({ cert: certPem, key: keyPem }, (asked, response) => {
    const { method, headers } = asked;
    const passed = request(new URL(asked.url ?? "/", url), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    asked.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}${new URL(url).pathname}`,
    certPem,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
