import { readFile } from "node:fs/promises";
import { KubestackError, type SecretReference, sentenceOf } from "@kubestack/contracts";
import type { JenkinsConnection } from "./config.ts";
import type { MasterOptions } from "./connect.ts";

/** How a configured master is reached. The secret is read anew whenever it is needed, so that a rotated one is taken up. */
export async function masterOptionsOf(
  config: JenkinsConnection & { readonly name: string },
  readSecret: (reference: SecretReference) => Promise<string>,
): Promise<MasterOptions> {
  const reference = config.token ?? config.password;
  if (reference === undefined)
    throw new KubestackError("invalid-config", `Master ${config.name} has neither token nor password.`, {
      retry: "never",
    });
  const ca = config.tls?.ca?.replace(/^file:/, "");
  return {
    name: config.name,
    url: config.url,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    user: config.user,
    auth: { kind: config.token === undefined ? "password" : "token", read: () => readSecret(reference) },
    ...(ca === undefined ? {} : { caPem: await readCertificates(ca, config.name) }),
    insecureSkipVerify: config.tls?.insecureSkipVerify ?? false,
  };
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
