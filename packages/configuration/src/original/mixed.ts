import type { KubestackError } from "@kubestack/contracts";
import { faultsError } from "@kubestack/runtime";
import { modernFormOf, type SecretPlaces } from "./convert.ts";
import { isValues, modernKeysIn, originalKeysIn, type Values } from "./keys.ts";
import { ownFile, printForm, withoutSecrets } from "./print.ts";

/** That a file has keys of the original and of ours, and how all of it is written in our form. `path` is the file's own. */
export function mixedError(file: Values, path: string): KubestackError {
  const places: SecretPlaces = {
    password: `file:${ownFile(path, "jenkins.pass")}`,
    token: `file:${ownFile(path, "kubernetes.api_key")}`,
  };
  const [theirs, ours] = [originalKeysIn(file).join(", "), modernKeysIn(file).join(", ")];
  const form = printForm(withoutSecrets(mixedForm(file, places)) as Values);
  const message = `mixes keys of the original KubeStack (${theirs}) with ours (${ours}); write all of it in one form, best in ours`;
  const example = [secretsNote(file, places), ...form.trimEnd().split("\n")].filter((line) => line !== "");
  return faultsError(path, [
    { path: "", message: [message, ...example.map((line) => `${" ".repeat(8)}${line}`)].join("\n") },
  ]);
}

/** What either half says, in our form. */
function mixedForm(file: Values, places: SecretPlaces): Values {
  const { "demand-listeners": _demand, "destroy-listeners": _destroy, jenkins, labels, image: _image, ...ours } = file;
  const { kubernetes, masters, templates } = modernFormOf(file, places);
  const { api_key, ...cluster } = isValues(file.kubernetes) ? file.kubernetes : {};
  const { token, ...rest } = kubernetes;
  const theirMasters = jenkins === undefined ? [] : masters;
  return {
    ...ours,
    kubernetes: { ...rest, ...(api_key === undefined ? {} : { token }), ...cluster },
    ...listOf("masters", theirMasters, ours.masters),
    ...listOf("templates", labels === undefined ? [] : templates, ours.templates),
  };
}

function listOf(key: string, theirs: readonly unknown[], ours: unknown): Values {
  const list = [...theirs, ...(Array.isArray(ours) ? ours : [])];
  return list.length === 0 ? {} : { [key]: list };
}

function secretsNote({ jenkins, kubernetes }: Values, places: SecretPlaces): string {
  const moved = [
    ...(isValues(jenkins) && jenkins.pass !== undefined ? [["jenkins.pass", places.password]] : []),
    ...(isValues(kubernetes) && kubernetes.api_key !== undefined ? [["kubernetes.api_key", places.token]] : []),
  ].map(([key, place]) => `what stands at ${key} into ${place?.replace(/^file:/, "")}`);
  return moved.length === 0 ? "" : `# First write ${moved.join(", and ")}: files that KubeStack alone may read.`;
}
