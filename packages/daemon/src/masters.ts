import { readFile } from "node:fs/promises";
import type { MasterConfig } from "@kubestack/configuration";
import { KubestackError, type SecretReference } from "@kubestack/contracts";
import { connectMaster, type Master } from "@kubestack/jenkins";

/** Makes a connection to a configured master: each service has its own. */
export async function masterOf(
  config: MasterConfig,
  readSecret: (reference: SecretReference) => Promise<string>,
): Promise<Master> {
  const reference = config.token ?? config.password;
  if (reference === undefined)
    throw new KubestackError("invalid-config", `Master ${config.name} has neither token nor password.`, {
      retry: "never",
    });
  const ca = config.tls?.ca?.replace(/^file:/, "");
  return connectMaster({
    name: config.name,
    url: config.url,
    publicUrl: config.publicUrl,
    user: config.user,
    auth: { kind: config.token === undefined ? "password" : "token", read: () => readSecret(reference) },
    ...(ca === undefined ? {} : { caPem: await readFile(ca, "utf8") }),
    insecureSkipVerify: config.tls?.insecureSkipVerify ?? false,
  });
}
