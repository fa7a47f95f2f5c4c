import type { KubernetesConfig } from "../config.ts";
import type { ClusterSource } from "./cluster-source.ts";

/**
 * Where the configuration says that the cluster is. `readSecret` resolves a reference such as `file:PATH`; the token's is resolved anew
 * at each request, so that a rotated one is taken up, the CA's once. Raises what `readSecret` raises.
 */
export async function clusterSourceOf(
  config: KubernetesConfig,
  readSecret: (reference: string) => string | Promise<string>,
): Promise<ClusterSource> {
  const { url, token = "", tls = {}, kubeconfig, context } = config;
  if (url !== undefined)
    return {
      kind: "url",
      url,
      token: () => readSecret(token),
      ...(tls.ca === undefined ? {} : { caPem: await readSecret(tls.ca) }),
      insecureSkipVerify: tls.insecureSkipVerify ?? false,
    };
  if (kubeconfig === undefined && context === undefined) return { kind: "auto" };
  return {
    kind: "kubeconfig",
    ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
}
