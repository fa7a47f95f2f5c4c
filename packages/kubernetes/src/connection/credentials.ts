import type { RequestOptions } from "node:https";
import { isDeepStrictEqual } from "node:util";
import type { KubeConfig } from "@kubernetes/client-node";
import { KubestackError, sentenceOf } from "@kubestack/contracts";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

/** Says who we are, and over which connection to say it. */
export interface Credentials {
  /** Headers to send and the kept dispatcher. Raises `credential-refused` where the credential cannot be read. */
  apply(): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly dispatcher: Dispatcher }>;
  close(): Promise<void>;
}

const connectTimeoutMs = 5_000;
/** HTTP/2 carries a hundred requests at once over one connection; where only HTTP/1.1 is spoken, this bounds the sockets. */
const mostConnections = 64;

function tlsOf(options: RequestOptions) {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options as RequestOptions & {
    servername?: string;
  };
  const given = Object.entries({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null));
}

function createDispatcher(config: KubeConfig, tls: object): Dispatcher {
  const plan = config.createDispatcherOptions(config.getCurrentCluster(), tls);
  const limits = { connections: mostConnections };
  if (plan.type === "proxy") return new ProxyAgent({ ...limits, uri: plan.uri, requestTls: plan.requestTls as object });
  if (plan.type === "socks")
    throw new KubestackError(
      "invalid-config",
      `kubernetes.kubeconfig: proxy-url ${plan.uri} is a SOCKS proxy, which is not supported; use an HTTP proxy`,
      {
        retry: "never",
      },
    );
  const connect = plan.type === "agent" ? plan.connect : {};
  return new Agent({ ...limits, connect: { ...connect, timeout: connectTimeoutMs } as object });
}

/**
 * Authentication by client-node, with one kept dispatcher. The library itself would make a new one, and so a new TLS
 * connection, for every request. A new dispatcher is made only when the TLS material has changed, such as by a rotated certificate.
 */
export function createCredentials(config: KubeConfig): Credentials {
  let kept: { tls: object; dispatcher: Dispatcher } | undefined;
  return {
    async apply() {
      const options: RequestOptions = { headers: {} };
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        throw new KubestackError(
          "credential-refused",
          `The credential for ${config.getCurrentCluster()?.server} cannot be read: ${sentenceOf(error)}; see the kubeconfig, token or certificate it names.`,
          { cause: error },
        );
      }
      const tls = tlsOf(options);
      if (kept === undefined || !isDeepStrictEqual(kept.tls, tls)) {
        // What is under way on the old connection may end there; close() waits for it.
        void kept?.dispatcher.close();
        kept = { tls, dispatcher: createDispatcher(config, tls) };
      }
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
      if (typeof options.auth === "string")
        headers.Authorization = `Basic ${Buffer.from(options.auth).toString("base64")}`;
      return { headers, dispatcher: kept.dispatcher };
    },
    async close() {
      await kept?.dispatcher.destroy();
    },
  };
}
