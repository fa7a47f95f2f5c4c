import { KubestackError } from "@kubestack/contracts";
import { readForeignYaml } from "@kubestack/runtime";
import type { Json } from "@kubestack/templates";

/** Reads a file's text; raises `invalid-config` with the file's name where it is no YAML, or too much of it. */
export function readDocument(text: string, file: string): Json {
  const read = readForeignYaml(text);
  if ("fault" in read) throw refused(`${file} ${read.fault}.`);
  return read.value as Json;
}

/** What can't be imported at all. */
export function refused(sentence: string): KubestackError {
  return new KubestackError("invalid-config", sentence, { retry: "never" });
}
