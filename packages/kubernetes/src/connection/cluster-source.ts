import { accessSync } from "node:fs";
import { KubeConfig } from "@kubernetes/client-node";
import { KubestackError } from "@kubestack/contracts";
import { isSafeServerUrl } from "../server-url.ts";

/** Where the cluster's address and credential come from. */
export type ClusterSource =
  /** In-cluster where a service account is mounted, else the usual kubeconfig. */
  | { readonly kind: "auto" }
  /** The service account of the pod this runs in; its token file is read again each minute. */
  | { readonly kind: "in-cluster" }
  /** `path`, or KUBECONFIG, or ~/.kube/config; `context`, or the file's current one. */
  | { readonly kind: "kubeconfig"; readonly path?: string; readonly context?: string }
  /** An address and a bearer token, asked for at each request so that it may change. */
  | {
      readonly kind: "url";
      readonly url: string;
      readonly token: () => string | Promise<string>;
      /** The authority that signed the server's certificate; default: those that Node knows. */
      readonly caPem?: string;
      readonly insecureSkipVerify?: boolean;
    };

const serviceAccountToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";

function invalid(message: string): KubestackError {
  return new KubestackError("invalid-config", message, { retry: "never" });
}

function runsInCluster(): boolean {
  try {
    accessSync(serviceAccountToken);
    return true;
  } catch {
    return false;
  }
}

function fromInCluster(config: KubeConfig): void {
  config.loadFromCluster();
  // The library builds https://undefined:undefined outside a cluster instead of saying so.
  if (!runsInCluster() || config.getCurrentCluster()?.server.includes("undefined"))
    throw invalid(
      `kubernetes: no service account is mounted at ${serviceAccountToken}; run in a pod with one, or set kubernetes.kubeconfig or kubernetes.url`,
    );
}

/** Never the parser's own words: they quote the lines around the fault, and a kubeconfig's lines are credentials. */
function whyUnreadable(error: unknown): string {
  const { code, mark } = error as { code?: unknown; mark?: { line?: unknown } };
  if (typeof code === "string") return code;
  return typeof mark?.line === "number" ? `no valid YAML at line ${mark.line + 1}` : "no valid kubeconfig";
}

function fromKubeconfig(config: KubeConfig, source: { path?: string; context?: string }): void {
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
  if (source.context === undefined) return;
  const known = config.getContexts().map((context) => context.name);
  if (!known.includes(source.context))
    throw invalid(
      `kubernetes.context: "${source.context}" is not in the kubeconfig; it has ${known.join(", ") || "none"}`,
    );
  config.setCurrentContext(source.context);
}

function fromUrl(config: KubeConfig, source: Extract<ClusterSource, { kind: "url" }>): void {
  if (!isSafeServerUrl(source.url))
    throw invalid(
      "kubernetes.url: must be https://… (http:// only to this machine itself, as a token must not travel unprotected)",
    );
  const plain = source.url.startsWith("http:");
  config.addAuthenticator({
    isAuthProvider: (user) => user.authProvider?.name === "kubestack",
    applyAuthentication: async (_user, options) => {
      options.headers = { ...(options.headers as object), Authorization: `Bearer ${(await source.token()).trim()}` };
    },
  });
  config.loadFromOptions({
    clusters: [
      {
        name: "cluster",
        server: source.url.replace(/\/+$/, ""),
        ...(source.caPem === undefined ? {} : { caData: Buffer.from(source.caPem).toString("base64") }),
        // The library refuses plain http unless verification is off; there is nothing to verify then.
        skipTLSVerify: plain || source.insecureSkipVerify === true,
      },
    ],
    users: [{ name: "user", authProvider: { name: "kubestack" } }],
    contexts: [{ name: "context", cluster: "cluster", user: "user" }],
    currentContext: "context",
  });
}

/** Loads address and credential. Raises `invalid-config` with the key to correct where there is no usable cluster. */
export function loadKubeConfig(source: ClusterSource): KubeConfig {
  const config = new KubeConfig();
  if (source.kind === "url") fromUrl(config, source);
  else if (source.kind === "in-cluster" || (source.kind === "auto" && runsInCluster())) fromInCluster(config);
  else fromKubeconfig(config, source.kind === "kubeconfig" ? source : {});
  if (config.getCurrentCluster() === null)
    throw invalid(
      "kubernetes.kubeconfig: its current context names no cluster; set kubernetes.context to one that does",
    );
  return config;
}
