import { stringify } from "yaml";

/** `-o`: a table for people, the same with more columns, or data for programs. */
export const outputForms = ["table", "wide", "json", "yaml"] as const;
export type OutputForm = (typeof outputForms)[number];

/** Data for programs as one text that ends with a line end. */
export function printData(data: unknown, form: "json" | "yaml"): string {
  return form === "json" ? `${JSON.stringify(data, null, 2)}\n` : stringify(data, { lineWidth: 0 });
}

/** One of many, as it comes: a line of JSON, or a YAML document. */
export function printOne(data: unknown, form: "json" | "yaml"): string {
  return form === "json" ? `${JSON.stringify(data)}\n` : `---\n${stringify(data, { lineWidth: 0 })}`;
}
