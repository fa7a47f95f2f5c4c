import { access } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { KubernetesConfig } from "../config.ts";
import type { ClusterSource } from "./cluster-source.ts";

/** Resolves a reference such as `file:PATH` or `env:NAME`, anew at each call. */
export type ReadSecret = (reference: string) => string | Promise<string>;

/** Where Kubernetes mounts the service account of a pod. */
const usualAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Where the configuration says that the cluster is; where it says nothing, the one whose pod this runs in, else the usual
 * kubeconfig's. Tokens are resolved at each request, so that a rotated one is taken up, and so is a service account's CA;
 * `tls.ca` is read once. `account` is the folder of the pod's service account. Raises what `readSecret` raises.
 */
export async function clusterSourceOf(
  config: KubernetesConfig,
  readSecret: ReadSecret,
  account: string = usualAccount,
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
  if (kubeconfig === undefined && context === undefined && (await isMounted(account)))
    return inCluster(readSecret, account);
  return {
    kind: "kubeconfig",
    ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
}

async function isMounted(account: string): Promise<boolean> {
  return access(join(account, "token")).then(
    () => true,
    () => false,
  );
}

/** Kubernetes tells every container by these variables where the API server is. */
async function inCluster(readSecret: ReadSecret, account: string): Promise<ClusterSource> {
  const [host, port] = [
    await readSecret("env:KUBERNETES_SERVICE_HOST"),
    await readSecret("env:KUBERNETES_SERVICE_PORT"),
  ];
  return {
    kind: "url",
    url: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    token: () => readSecret(`file:${join(account, "token")}`),
    caPem: () => readSecret(`file:${join(account, "ca.crt")}`),
  };
}
