/** Whom a kubeconfig speaks to, and as whom. */
export interface KubeconfigParts {
  readonly server: string;
  readonly caFile: string;
  readonly token: string;
  /** Name of the context, cluster and user in it. */
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** A kubeconfig as JSON, which every reader of YAML reads. It holds the token: write it with mode 0600. */
export function kubeconfigText(parts: KubeconfigParts): string {
  const { name } = parts;
  const context = {
    cluster: name,
    user: name,
    ...(parts.namespace === undefined ? {} : { namespace: parts.namespace }),
  };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server: parts.server, "certificate-authority": parts.caFile } }],
    users: [{ name, user: { token: parts.token } }],
    contexts: [{ name, context }],
  };
  return `${JSON.stringify(kubeconfig, null, 2)}\n`;
}
