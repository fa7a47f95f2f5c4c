import { isDeepStrictEqual } from "node:util";
import { KubestackError, sentenceOf } from "@kubestack/contracts";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import type { ClusterAccess, Credential } from "./cluster-access.ts";

/** Says who we are, and over which connection to say it. */
export interface Credentials {
  /** Headers to send and the kept dispatcher. Raises `credential-refused` where the credential cannot be read. */
  apply(): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly dispatcher: Dispatcher }>;
  close(): Promise<void>;
}

const connectTimeoutMs = 5_000;
/** Balancers drop connections that are silent for a minute: the first probe comes sooner. */
const keepAliveProbeMs = 30_000;
/** HTTP/2 carries a hundred requests at once over one connection; where only HTTP/1.1 is spoken, this bounds the sockets. */
const mostConnections = 64;

function createDispatcher(tls: object, proxy: string | undefined): Dispatcher {
  const limits = { connections: mostConnections };
  if (proxy !== undefined) return new ProxyAgent({ ...limits, uri: proxy, requestTls: tls });
  const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: keepAliveProbeMs, timeout: connectTimeoutMs };
  return new Agent({ ...limits, connect });
}

/** One dispatcher is kept; a new one is made only when the TLS material has changed, such as by a rotated certificate. */
export function createCredentials(access: ClusterAccess): Credentials {
  let kept: { tls: object; dispatcher: Dispatcher } | undefined;

  async function read(): Promise<Credential> {
    try {
      return await access.credential();
    } catch (error) {
      throw new KubestackError(
        "credential-refused",
        `The credential for ${access.server} cannot be read: ${sentenceOf(error)}; see the kubeconfig, token or certificate it names.`,
        { cause: error },
      );
    }
  }

  return {
    async apply() {
      const { headers, tls } = await read();
      if (kept === undefined || !isDeepStrictEqual(kept.tls, tls)) {
        const dispatcher = createDispatcher(tls, access.proxy());
        // What is under way on the old connection may end there; close() waits for it.
        void kept?.dispatcher.close();
        kept = { tls, dispatcher };
      }
      return { headers, dispatcher: kept.dispatcher };
    },
    async close() {
      await kept?.dispatcher.destroy();
    },
  };
}
