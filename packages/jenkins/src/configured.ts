import { readFile } from "node:fs/promises";
import { KubestackError, type SecretReference, sentenceOf } from "@kubestack/contracts";
import type { JenkinsConnection } from "./config.ts";
import type { MasterOptions } from "./connect.ts";

/** Whom one trusts to be a master. */
export interface AgentTls {
  /** Certificates in PEM form that are trusted beside the well-known ones. */
  readonly caPem?: string;
  /** Take any certificate. */
  readonly insecureSkipVerify: boolean;
}

/** What `tls` says of a master, its file read. Raises invalid-config where that can't be. */
export async function agentTlsOf(
  config: Pick<JenkinsConnection, "tls"> & { readonly name: string },
): Promise<AgentTls> {
  const ca = config.tls?.ca?.replace(/^file:/, "");
  return {
    ...(ca === undefined ? {} : { caPem: await readCertificates(ca, config.name) }),
    insecureSkipVerify: config.tls?.insecureSkipVerify ?? false,
  };
}

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
  return {
    name: config.name,
    url: config.url,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    user: config.user,
    auth: { kind: config.token === undefined ? "password" : "token", read: () => readSecret(reference) },
    ...(await agentTlsOf(config)),
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
