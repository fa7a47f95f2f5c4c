import { readFile } from "node:fs/promises";
import type { MasterConfig } from "@kubestack/configuration";
import { KubestackError, type SecretReference, sentenceOf } from "@kubestack/contracts";
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
    ...(ca === undefined ? {} : { caPem: await readCertificates(ca, config.name) }),
    insecureSkipVerify: config.tls?.insecureSkipVerify ?? false,
  });
}

async function readCertificates(file: string, master: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new KubestackError(
      "invalid-config",
      `The certificates of master ${master} can't be read (${sentenceOf(error)}): create ${file}, or correct tls.ca.`,
      { retry: "never", cause: error },
    );
  }
}
