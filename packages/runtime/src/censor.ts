/** Names of keys whose values are never shown. */
const secretName = /token|pass|secret|credential|authorization|api_?key|private_?key/i;
/** What stands in place of a secret. */
export const hidden = "(hidden)";
/** Deeper than this nothing is shown. */
const deepest = 8;

/** Whether a key of this name may hold a secret. */
export function mayHoldSecret(name: string): boolean {
  return secretName.test(name);
}

/** A text whose addresses name no user and no password. */
export function censoredText(text: string): string {
  return text.replace(/\/\/[^/@\s"']+@/g, `//${hidden}@`);
}

/** A copy without secrets. What is no plain object or list is taken as it is. */
export function censored(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return censoredText(value);
  if (typeof value !== "object" || value === null) return value;
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain) return value;
  if (depth >= deepest) return "(deeper)";
  if (Array.isArray(value)) return value.map((one) => censored(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      mayHoldSecret(name) && one !== undefined && one !== null ? hidden : censored(one, depth + 1),
    ]),
  );
}
