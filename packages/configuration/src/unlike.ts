import type { z } from "zod";

/**
 * For rules between keys: they are checked even where a key has a fault of its own, since every fault is told at once.
 * What they look at may then be anything.
 */
export const alwaysChecked = { when: () => true } as const;

/** Texts are the same letter by letter. */
export function sameText(value: unknown): unknown {
  return value;
}

/** Addresses are the same however they are written. */
export function sameAddress(value: unknown): unknown {
  if (typeof value !== "string" || !URL.canParse(value)) return value;
  const url = new URL(value);
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Reports each entry whose value of `key` is the same as that of another entry before it. */
export function unlike(
  entries: unknown,
  by: {
    readonly key: string;
    readonly same: (value: unknown) => unknown;
    /** Where the list stands, seen from what is checked. Default: it is that itself. */
    readonly under?: readonly PropertyKey[];
  },
  context: z.RefinementCtx,
): void {
  if (!Array.isArray(entries)) return;
  const seen = new Map<unknown, number>();
  entries.forEach((entry, index) => {
    if (typeof entry !== "object" || entry === null) return;
    const value = by.same((entry as Record<string, unknown>)[by.key]);
    if (value === undefined) return;
    const first = seen.get(value);
    if (first === undefined) seen.set(value, index);
    else
      context.addIssue({
        code: "custom",
        path: [...(by.under ?? []), index, by.key],
        message: `is the same as entry ${first}'s; give each its own`,
      });
  });
}
