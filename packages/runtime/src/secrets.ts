import { readFile, stat } from "node:fs/promises";
import { KubestackError, type SecretReference, sentenceOf } from "@kubestack/contracts";
import type { Environment } from "./environment.ts";

/** A secret longer than this, in bytes, is no secret but a mistaken path. */
const sizeLimit = 1024 * 1024;

export interface SecretSources {
  readonly environment: Environment;
  /** Reads one key of a Kubernetes Secret in the services' own namespace. */
  readonly kubernetes?: (secret: string, key: string) => Promise<string | undefined>;
}

/** Reads the secret that a reference names, anew at each call; `invalid-config` says what is missing, never what it is. */
export async function readSecret(reference: SecretReference, sources: SecretSources): Promise<string> {
  const text = await (typeof reference === "string" ? fromText(reference, sources) : fromCluster(reference, sources));
  const secret = text.replace(/\r?\n$/, "");
  if (secret === "") throw missing(`${placeOf(reference)} is empty; write the secret into it`);
  return secret;
}

function placeOf(reference: SecretReference): string {
  if (typeof reference !== "string") return `key ${reference.key} of Kubernetes Secret ${reference.secret}`;
  return reference.replace(/^file:/, "file ").replace(/^env:/, "environment variable ");
}

async function fromText(reference: string, sources: SecretSources): Promise<string> {
  if (reference.startsWith("env:")) {
    const name = reference.slice("env:".length);
    const value = sources.environment[name];
    if (value === undefined || value === "") throw missing(`environment variable ${name} is not set; set it`);
    return value;
  }
  const path = reference.slice("file:".length);
  try {
    if ((await stat(path)).size > sizeLimit)
      throw missing(`file ${path} is too large to hold a secret; correct the path`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof KubestackError) throw error;
    throw missing(`file ${path} can't be read (${sentenceOf(error)}); create it, or correct the path`);
  }
}

async function fromCluster(reference: { secret: string; key: string }, sources: SecretSources): Promise<string> {
  if (sources.kubernetes === undefined)
    throw missing(`${placeOf(reference)} is named, but no cluster is there to be asked; use file:PATH or env:NAME`);
  const value = await sources.kubernetes(reference.secret, reference.key);
  if (value !== undefined) return value;
  throw missing(`Kubernetes Secret ${reference.secret} with key ${reference.key} is not there; create it`);
}

function missing(sentence: string): KubestackError {
  return new KubestackError("invalid-config", `A secret can't be read: ${sentence}.`, { retry: "backoff" });
}
