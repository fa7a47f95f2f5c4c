import { z } from "zod";
import { quantityForm } from "./pod-size.ts";

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `30s`, `5m` or `1h30m`; undefined where the text is none. */
export function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    sum += Number(amount) * (unitsMs[unit ?? ""] ?? Number.NaN);
  return Number.isFinite(sum) ? Math.round(sum) : undefined;
}

/** A duration as people write it; shortest exact form, for example `90s` is `1m30s`. */
export function printDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = "";
  for (const [unit, size] of [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}

/** An instant for people, whoever they are and wherever: `2026-03-04 12:00:07 UTC`. */
export function printInstant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A duration field of the configuration: a text such as `30s`, in the code as milliseconds. */
export function duration(options: { min?: string; max?: string } = {}) {
  const least = durationMs(options.min ?? "1ms") ?? 1;
  const most = durationMs(options.max ?? "365d") ?? Number.MAX_SAFE_INTEGER;
  return z.string({ error: "must be a duration; write it as 30s, 5m or 2h" }).transform((text, context) => {
    const ms = durationMs(text);
    if (ms !== undefined && ms >= least && ms <= most) return ms;
    const range = `${printDuration(least)} to ${printDuration(most)}`;
    context.addIssue({
      code: "custom",
      message: ms === undefined ? "is no duration; write it as 30s, 5m or 2h" : `must be from ${range}; correct it`,
    });
    return z.NEVER;
  });
}

/** A quantity field as Kubernetes writes it, such as `500m` or `4Gi`; kept as a text. */
export const quantity = z
  .union([z.string(), z.number()], { error: "must be a quantity; write it as 500m, 2 or 4Gi" })
  .transform(String)
  .pipe(z.string().regex(quantityForm, "is no quantity; write it as 500m, 2 or 4Gi"));

// The value is never repeated: what is wrong here is often the secret itself, written into the file.
const secretRule =
  "must be a reference: file:PATH, file:PATH#KEY, env:NAME or {secret: NAME, key: KEY}; the secret itself does not belong into this file";

/** Where a secret is; the configuration never holds one itself. */
export const secretReference = z.union(
  [
    z.string().regex(/^(?:file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$/s, { error: () => secretRule }),
    z.strictObject({ secret: z.string().min(1).max(253), key: z.string().min(1).max(253) }),
  ],
  { error: () => secretRule },
);
export type SecretReference = z.infer<typeof secretReference>;

/** A name of a master, template or pool. */
export const entityName = z
  .string({ error: ({ input }) => (input === undefined ? "is missing; give it" : "must be a name; correct it") })
  .min(1, "must not be empty; give it a name")
  .max(100, "is longer than 100 characters; shorten it")
  .regex(/^[^\s\p{Cc}]+$/u, "must hold no blanks or control characters; correct it");

/** A label of a master's nodes. */
export const nodeLabel = z
  .string({ error: "must be a label" })
  .min(1)
  .max(256)
  .regex(/^[^\s"\\\p{Cc}]+$/u, 'must hold no blank, " or \\; correct it');
