import { expandReferences } from "./expansion.ts";
import type { Container, EnvFrom, EnvVar, KeySelector, Pod } from "./pod.ts";
import { type NodeAddress, podField } from "./pod-fields.ts";

/** Finds a Secret's or ConfigMap's values in the pod's namespace, as text; nothing where it is not there. */
export type FindValues = (kind: "secret" | "configmap", name: string) => Readonly<Record<string, string>> | undefined;

/** A container's variables in their order; or why they cannot be had now, in the words of a kubelet. */
export type EnvResult =
  | { readonly ok: true; readonly env: Record<string, string> }
  | { readonly ok: false; readonly message: string };

/** A variable that refers to something that is not there. */
class Unresolved extends Error {}

/**
 * The environment that a container asks for: `envFrom` first, `env` over it, each value with `$(NAME)` of those before it.
 * `rewrite` is applied to values that the pod spells out, never to what a Secret or ConfigMap holds.
 */
export function containerEnv(
  pod: Pod,
  container: Container,
  given: { find: FindValues; address: NodeAddress; rewrite: (text: string) => string },
): EnvResult {
  const env: Record<string, string> = {};
  try {
    for (const from of container.envFrom ?? []) Object.assign(env, valuesFrom(from, given.find));
    for (const variable of container.env ?? []) {
      const value =
        variable.valueFrom === undefined
          ? given.rewrite(expandReferences(variable.value ?? "", (name) => env[name]))
          : referredValue(pod, variable, given);
      if (value !== undefined) env[variable.name] = value;
    }
  } catch (error) {
    if (error instanceof Unresolved) return { ok: false, message: error.message };
    throw error;
  }
  return { ok: true, env };
}

function valuesFrom(from: EnvFrom, find: FindValues): Record<string, string> {
  const kind = from.secretRef === undefined ? "configmap" : "secret";
  const source = from.secretRef ?? from.configMapRef;
  const name = source?.name ?? "";
  const values = find(kind, name);
  if (values === undefined && source?.optional !== true) throw new Unresolved(`${kind} "${name}" not found`);
  const prefixed = Object.entries(values ?? {}).map(([key, value]) => [`${from.prefix ?? ""}${key}`, value] as const);
  return Object.fromEntries(prefixed.filter(([key]) => key !== "" && !key.includes("=")));
}

function referredValue(
  pod: Pod,
  variable: EnvVar,
  given: { find: FindValues; address: NodeAddress },
): string | undefined {
  const { secretKeyRef, configMapKeyRef, fieldRef } = variable.valueFrom ?? {};
  if (secretKeyRef !== undefined) return keyValue(pod, "secret", { selector: secretKeyRef, find: given.find });
  if (configMapKeyRef !== undefined) return keyValue(pod, "configmap", { selector: configMapKeyRef, find: given.find });
  const value = fieldRef === undefined ? undefined : podField(pod, fieldRef.fieldPath, given.address);
  if (value !== undefined) return value;
  throw new Unresolved(`variable ${variable.name} refers to a field that a process kubelet does not know`);
}

function keyValue(
  pod: Pod,
  kind: "secret" | "configmap",
  wanted: { selector: KeySelector; find: FindValues },
): string | undefined {
  const { name = "", key, optional } = wanted.selector;
  const values = wanted.find(kind, name);
  const value = values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
  if (value !== undefined || optional === true) return value;
  if (values === undefined) throw new Unresolved(`${kind} "${name}" not found`);
  const noun = kind === "secret" ? "Secret" : "ConfigMap";
  throw new Unresolved(`couldn't find key ${key} in ${noun} ${pod.metadata.namespace}/${name}`);
}
