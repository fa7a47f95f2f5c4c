import { readFile, stat } from "node:fs/promises";
import { KubestackError, type SecretReference, sentenceOf } from "@kubestack/contracts";
import type { Environment } from "./environment.ts";
import { textAtKey } from "./text-at-key.ts";

/** A secret longer than this, in bytes, is no secret but a mistaken path; so is a file that holds one among others. */
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

/** `file:PATH#KEY`, taken apart at its last `#`; without one the whole file is the secret. */
function placeIn(reference: string): { readonly path: string; readonly key?: string } {
  const named = reference.slice("file:".length);
  const at = named.lastIndexOf("#");
  return at < 0 ? { path: named } : { path: named.slice(0, at), key: named.slice(at + 1) };
}

function placeOf(reference: SecretReference): string {
  if (typeof reference !== "string") return `key ${reference.key} of Kubernetes Secret ${reference.secret}`;
  if (reference.startsWith("env:")) return reference.replace(/^env:/, "environment variable ");
  const { path, key } = placeIn(reference);
  return key === undefined ? `file ${path}` : `key ${key} of file ${path}`;
}

async function fromText(reference: string, sources: SecretSources): Promise<string> {
  if (reference.startsWith("env:")) {
    const name = reference.slice("env:".length);
    const value = sources.environment[name];
    if (value === undefined || value === "") throw missing(`environment variable ${name} is not set; set it`);
    return value;
  }
  const { path, key } = placeIn(reference);
  const text = await fromFile(path);
  if (key === undefined) return text;
  const found = textAtKey(text, key);
  if ("text" in found) return found.text;
  throw missing(`${placeOf(reference)} ${found.fault}`);
}

async function fromFile(path: string): Promise<string> {
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
