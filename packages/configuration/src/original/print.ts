import { dirname, join } from "node:path";
import { censored, mayHoldSecret } from "@kubestack/runtime";
import { stringify } from "yaml";
import { isValues, type Values } from "./keys.ts";

/** A configuration in our form as YAML: every key in a line, nothing folded. Ends with a line end. */
export function printForm(form: Values): string {
  return stringify(form, { lineWidth: 0, aliasDuplicateObjects: false });
}

/**
 * The same of a file of the original's that stays where it is: its secrets are read from there. `file` is its absolute path.
 * It begins with a comment on how each secret gets a file of its own.
 */
export function printOriginal(form: Values, file: string): string {
  return [
    `# What ${file} says, in today's form: to be put into another file.`,
    "# The secrets still stand there, and are read from there. To be rid of it, write each into a file of its own that",
    `# KubeStack alone may read, such as ${ownFile(file, "jenkins.pass")}, and name that file instead:`,
    `#   password: file:${ownFile(file, "jenkins.pass")}`,
    `#   token: file:${ownFile(file, "kubernetes.api_key")}`,
    printForm(form),
  ].join("\n");
}

/** The path beside a file where the secret at a key of it might have a file of its own. */
export function ownFile(file: string, key: string): string {
  return join(dirname(file), key);
}

/** A copy for people: where a secret itself stands instead of a reference to it, it is hidden. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isValues(value)) return censored(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      !mayHoldSecret(key) ? withoutSecrets(inner) : isReference(inner) ? inner : "(hidden)",
    ]),
  );
}

function isReference(value: unknown): boolean {
  if (typeof value === "string") return /^(?:file|env):/.test(value);
  return isValues(value) && Object.keys(value).toSorted().join() === "key,secret";
}
