import { readFile } from "node:fs/promises";
import { KubestackError } from "@kubestack/contracts";

/** A master that a person has given the suite of masters to run against; see bin/master-options.js, which writes it down. */
export interface GivenMaster {
  /** With a slash at its end. */
  readonly url: string;
  readonly user: string;
  /** Holds a password or an API token. Absent: it is in the environment. */
  readonly secretFile?: string;
  /** What all names that the run makes there begin with. */
  readonly prefix: string;
  /** Whether the run may keep it from starting builds for a moment. */
  readonly mayPause: boolean;
}

/** The secret, from its file or as `fromEnvironment`. Raises `credential-refused` where there is none. */
export async function secretOf(master: GivenMaster, fromEnvironment: string): Promise<string> {
  const { secretFile } = master;
  if (secretFile === undefined) return fromEnvironment;
  const secret = await readFile(secretFile, "utf8").catch((cause: Error) => {
    throw new KubestackError("credential-refused", `The secret can't be read: ${cause.message}.`, { retry: "never" });
  });
  if (secret.trim() !== "") return secret.trim();
  throw new KubestackError("credential-refused", `${secretFile} is empty: write the password or API token into it.`, {
    retry: "never",
  });
}
