import { z } from "zod";

/** The key that every target has: what would be done is only said. */
export const dryRun = z.boolean({ error: "must be true or false; correct it" }).default(false);
