import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FILES } from "./flags.ts";
import { type StaticToken, tokenFile } from "./token-file.ts";

/** Writes what the servers read at their start, for the owner only: users' tokens, and a new key pair for service accounts' tokens. */
export async function writeWorldFiles(dir: string, tokens: readonly StaticToken[]): Promise<void> {
  const keys = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "sec1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const write = (name: string, text: string) => writeFile(join(dir, name), text, { mode: 0o600 });
  await Promise.all([
    write(FILES.tokens, tokenFile(tokens)),
    write(FILES.serviceAccountKey, keys.privateKey),
    write(FILES.serviceAccountPublicKey, keys.publicKey),
  ]);
}
