/** A map as JSON has it; whatever else stands there counts as an empty one. */
export function map(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function maps(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(map) : [];
}

export function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map(value)).map(([key, text]) => [key, String(text)]));
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
