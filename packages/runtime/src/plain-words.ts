import type { z } from "zod";

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "keys and values",
  record: "keys and values",
};

/** What is wrong, as rule and remedy, wherever a schema has no sentence of its own for it. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is missing; give it";
      return `must be ${kinds[issue.expected] ?? issue.expected}; correct it`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}; correct it`;
    case "too_small":
      return `must ${bound(issue.origin, "least", Number(issue.minimum))}; correct it`;
    case "too_big":
      return `must ${bound(issue.origin, "most", Number(issue.maximum))}; correct it`;
    case "invalid_format":
      return "is not written as it must be; correct it";
    case "invalid_union":
      return "has none of the forms that it may have; see docs/configuration.md";
    default:
      return undefined;
  }
}

function bound(origin: string, which: "least" | "most", limit: number): string {
  if (origin === "array" || origin === "set") return `have at ${which} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  if (origin === "string" && which === "least" && limit === 1) return "not be empty";
  if (origin === "string") return `have at ${which} ${limit} characters`;
  return `be at ${which} ${limit}`;
}
