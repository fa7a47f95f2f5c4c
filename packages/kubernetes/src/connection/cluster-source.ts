import type { ClusterAccess } from "./cluster-access.ts";
import { kubeconfigAccess } from "./kubeconfig-access.ts";
import { urlAccess } from "./url-access.ts";

/** `path`, or KUBECONFIG, or ~/.kube/config; `context`, or the file's current one. */
export interface KubeconfigSource {
  readonly kind: "kubeconfig";
  readonly path?: string;
  readonly context?: string;
}

/** An address and a bearer token, asked for at each request so that it may change. */
export interface UrlSource {
  readonly kind: "url";
  readonly url: string;
  readonly token: () => string | Promise<string>;
  /** The authority that signed the server's certificate, asked for as often where it may change; default: those that Node knows. */
  readonly caPem?: string | (() => string | Promise<string>);
  readonly insecureSkipVerify?: boolean;
}

/** Where the cluster's address and credential come from. */
export type ClusterSource = KubeconfigSource | UrlSource;

/** Finds address and credential. Raises `invalid-config` with the key to correct where there is no usable cluster. */
export function accessTo(source: ClusterSource): ClusterAccess {
  return source.kind === "url" ? urlAccess(source) : kubeconfigAccess(source);
}
