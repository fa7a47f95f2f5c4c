import type { RequestOptions } from "node:https";
import { createRequire } from "node:module";
import type { KubeConfig } from "@kubernetes/client-node";
import { KubestackError } from "@kubestack/contracts";
import type { ClusterAccess } from "./cluster-access.ts";
import type { KubeconfigSource } from "./cluster-source.ts";

/** Loaded for a kubeconfig only: with its generated models the library takes half as much memory as all else together. */
function emptyConfig(): KubeConfig {
  const library = createRequire(import.meta.url)("@kubernetes/client-node") as typeof import("@kubernetes/client-node");
  return new library.KubeConfig();
}

/** Access as a kubeconfig says, by client-node. Raises `invalid-config` with the key to correct where there is no usable cluster. */
export function kubeconfigAccess(source: KubeconfigSource): ClusterAccess {
  const config = load(source);
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw invalid(
      "kubernetes.kubeconfig: its current context names no cluster; set kubernetes.context to one that does",
    );
  return {
    server: cluster.server.replace(/\/+$/, ""),
    credential: async () => {
      const options: RequestOptions = { headers: {} };
      await config.applyToHTTPSOptions(options);
      return { headers: headersOf(options), tls: tlsOf(options) };
    },
    proxy: () => proxyOf(config),
  };
}

function invalid(message: string): KubestackError {
  return new KubestackError("invalid-config", message, { retry: "never" });
}

function load(source: KubeconfigSource): KubeConfig {
  const config = emptyConfig();
  try {
    if (source.path === undefined) config.loadFromDefault();
    else config.loadFromFile(source.path);
  } catch (error) {
    throw invalid(
      `kubernetes.kubeconfig: ${source.path ?? "the usual kubeconfig"} cannot be read (${whyUnreadable(error)}); correct the path or the file`,
    );
  }
  // Without any kubeconfig the library falls back to plain http on port 8080 of this machine: never what was meant.
  if (source.path === undefined && config.getCurrentCluster()?.server === "http://localhost:8080")
    throw invalid("kubernetes: no cluster is configured; set kubernetes.kubeconfig or kubernetes.url, or KUBECONFIG");
  if (source.context === undefined) return config;
  const known = config.getContexts().map((context) => context.name);
  if (!known.includes(source.context))
    throw invalid(
      `kubernetes.context: "${source.context}" is not in the kubeconfig; it has ${known.join(", ") || "none"}`,
    );
  config.setCurrentContext(source.context);
  return config;
}

/** Never the parser's own words: they quote the lines around the fault, and a kubeconfig's lines are credentials. */
function whyUnreadable(error: unknown): string {
  const { code, mark } = error as { code?: unknown; mark?: { line?: unknown } };
  if (typeof code === "string") return code;
  return typeof mark?.line === "number" ? `no valid YAML at line ${mark.line + 1}` : "no valid kubeconfig";
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
  if (typeof options.auth === "string") headers.Authorization = `Basic ${Buffer.from(options.auth).toString("base64")}`;
  return headers;
}

function tlsOf(options: RequestOptions): object {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options as RequestOptions & {
    servername?: string;
  };
  const given = Object.entries({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null));
}

function proxyOf(config: KubeConfig): string | undefined {
  const plan = config.createDispatcherOptions(config.getCurrentCluster(), {});
  if (plan.type === "proxy") return plan.uri;
  if (plan.type !== "socks") return undefined;
  throw invalid(
    `kubernetes.kubeconfig: proxy-url ${plan.uri} is a SOCKS proxy, which is not supported; use an HTTP proxy`,
  );
}
