import type { z } from "zod";

/** Reports a list of listeners that names a type twice: a source has one name. */
export function onceEach(listeners: readonly { readonly type: string }[], context: z.RefinementCtx): void {
  if (new Set(listeners.map(({ type }) => type)).size < listeners.length)
    context.addIssue({ code: "custom", message: "names a type twice; leave one entry of each type" });
}
