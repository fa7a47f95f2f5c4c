/** A part of a file that has keys and values. */
export type Values = Readonly<Record<string, unknown>>;

/** Whether a value has keys of its own. */
export function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The keys by which a file of the original KubeStack is known: ours has none of them. */
const ownKeys = ["demand-listeners", "destroy-listeners", "jenkins", "labels"];

/** All of its keys at the top; `image` is that of its first releases, and `kubernetes` is a key of ours as well. */
export const topKeys: readonly string[] = [...ownKeys, "image", "kubernetes"];
/** Its keys within `jenkins:`; `url` is that of its first releases. */
export const jenkinsKeys: readonly string[] = ["external_url", "internal_url", "url", "user", "pass"];
/** Its keys within `kubernetes:`. */
export const kubernetesKeys: readonly string[] = ["url", "api_key"];
/** Its keys within an entry of `labels:`. */
export const labelKeys: readonly string[] = ["name", "image", "cpu", "memory"];

/** Our keys at the top, as far as they are none of the original's. */
const modernTopKeys = ["clusters", "defaults", "install", "limits", "listen", "log", "masters", "nats", "templates"];
const modernKubernetesKeys = ["context", "kubeconfig", "namespace", "tls", "token"];

/** Whether a file is one of the original's, by the keys at its top. */
export function isOriginal(file: Values): boolean {
  return ownKeys.some((key) => Object.hasOwn(file, key));
}

/** The keys of ours in a file of the original's, as paths. */
export function modernKeysIn(file: Values): string[] {
  const within = isValues(file.kubernetes) ? file.kubernetes : {};
  return [
    ...modernTopKeys.filter((key) => Object.hasOwn(file, key)),
    ...modernKubernetesKeys.filter((key) => Object.hasOwn(within, key)).map((key) => `kubernetes.${key}`),
  ];
}

/** The keys of the original in it, as paths. */
export function originalKeysIn(file: Values): string[] {
  const within = isValues(file.kubernetes) && Object.hasOwn(file.kubernetes, "api_key") ? ["kubernetes.api_key"] : [];
  return [...[...ownKeys, "image"].filter((key) => Object.hasOwn(file, key)), ...within];
}
