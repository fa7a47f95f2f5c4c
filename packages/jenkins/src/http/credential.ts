import { KubestackError, sentenceOf } from "@kubestack/contracts";

/** How to prove who we are. `read` is asked anew when the master refuses, since the file behind it may have been rotated. */
export interface Auth {
  /** An API token needs neither crumb nor session; a password needs both where the master asks for them. */
  readonly kind: "token" | "password";
  read(): Promise<string>;
}

/** The secret in use, kept in memory only. */
export interface Credential {
  /** The value of the Authorization header. */
  header(): Promise<string>;
  /** Reads the secret again; true if the header is another one now than `refused`. */
  reread(refused: string): Promise<boolean>;
  /** `text` without the secret, in case the other side repeats it. */
  scrub(text: string): string;
}

/** Shortest secret that is searched for in texts: a shorter one would blank out ordinary words. */
const shortestScrubbed = 4;

/**
 * A credential of `user` at `master`. A trailing line break of the secret is dropped, as files have one. Raises
 * credential-refused where there is no secret to read.
 */
export function createCredential({ master, user, auth }: { master: string; user: string; auth: Auth }): Credential {
  let secret: string | undefined;
  const read = async () => {
    try {
      const found = (await auth.read()).replace(/[\r\n]+$/, "");
      if (found !== "") return found;
    } catch (cause) {
      throw new KubestackError(
        "credential-refused",
        `The ${auth.kind} of user ${user} at master ${master} cannot be read: ${sentenceOf(cause)}`,
        { retry: "backoff", cause },
      );
    }
    throw new KubestackError(
      "credential-refused",
      `The ${auth.kind} of user ${user} at master ${master} is empty; write it into the place that the configuration names.`,
    );
  };
  const encode = (value: string) => Buffer.from(`${user}:${value}`, "utf8").toString("base64");
  return {
    async header() {
      secret ??= await read();
      return `Basic ${encode(secret)}`;
    },
    async reread(refused) {
      secret = await read();
      return `Basic ${encode(secret)}` !== refused;
    },
    scrub(text) {
      if (secret === undefined || secret.length < shortestScrubbed) return text;
      return text.replaceAll(secret, "***").replaceAll(encode(secret), "***");
    },
  };
}
