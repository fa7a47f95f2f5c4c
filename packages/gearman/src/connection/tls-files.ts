import { readFile } from "node:fs/promises";
import { KubestackError, sentenceOf } from "@kubestack/contracts";
import type { GearmanTls } from "./address.ts";

/** Paths of files in PEM form. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly insecureSkipVerify?: boolean | undefined;
}

/** Reads the files, anew at each call. Raises invalid-config, with the file that can't be read. */
export async function tlsOf({ ca, cert, key, insecureSkipVerify }: TlsFiles): Promise<GearmanTls> {
  const [caPem, certPem, keyPem] = await Promise.all([read(ca, "ca"), read(cert, "cert"), read(key, "key")]);
  return { caPem, certPem, keyPem, insecureSkipVerify };
}

async function read(file: string | undefined, key: string): Promise<string | undefined> {
  try {
    return file === undefined ? undefined : await readFile(file, "utf8");
  } catch (error) {
    throw new KubestackError(
      "invalid-config",
      `The file for TLS with a Gearman server can't be read (${sentenceOf(error)}): create ${file}, or correct tls.${key}.`,
      { cause: error },
    );
  }
}
