import { z } from "zod";

/** Labels that an agent must have: none twice. */
export const labelList = z
  .array(
    z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^\p{Cc}]+$/u),
  )
  .max(64)
  .transform((labels) => [...new Set(labels)])
  // Together they become one expression, which may not be longer than this, quotes and all.
  .refine((labels) => labels.reduce((sum, label) => sum + 2 * label.length + 6, 0) <= 4096, "are too long together");

/** A number that names something, or a text that does. */
export const idField = z.union([z.number().int().nonnegative(), z.string().min(1).max(200)]).transform(String);

/** A name for people, no longer than is kept. */
export const nameField = z.string().transform((name) => name.slice(0, 512));

/** An address; one that is none, or too long, is left out. */
export const urlField = z
  .string()
  .max(2048)
  .regex(/^https?:\/\//)
  .catch("");

/** A time as text; null where there is none that can be read. */
export const timeField = z
  .string()
  .max(64)
  .transform((text) => timeOf(text))
  .nullish()
  .catch(null)
  .transform((at) => at ?? null);

/** Milliseconds since the epoch of `2026-01-31T12:00:00Z`, or of `2026-01-31 12:00:00 UTC` or `+0200`, as some write it. */
export function timeOf(text: string): number | null {
  const [, date, clock, fraction = "", zone = "Z"] =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,9})? ?(Z|UTC|[+-]\d{2}:?\d{2})?$/.exec(text) ?? [];
  if (date === undefined) return null;
  const offset = zone === "UTC" ? "Z" : zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  const at = Date.parse(`${date}T${clock}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(at) ? null : at;
}

/** Reads a body as a sender's form says, or tells what is wrong with it, with the place. Never raises. */
export function readAs<T>(schema: z.ZodType<T>, body: unknown): { readonly data: T } | { readonly unreadable: string } {
  try {
    const read = schema.safeParse(body);
    return read.success ? { data: read.data } : { unreadable: faultOf(read.error) };
  } catch {
    // Where a value has a `constructor` of its own, with a name that is no text, zod fails to say what is wrong with it.
    return { unreadable: "the body is not as expected: something in it can't even be named" };
  }
}

function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "the body" : issue.path.join(".");
  return `${place} is not as expected: ${issue?.message ?? "unknown"}`.slice(0, 512);
}
