import { z } from "zod";

/** Where a secret is kept: `file:PATH`, `env:NAME`, or a key of a Kubernetes Secret. */
export type SecretReference = string | { readonly secret: string; readonly key: string };

// The value is never repeated in a message: what is wrong here is often the secret itself, written into the file.
const remedy =
  "must be a reference: file:PATH, env:NAME or {secret: NAME, key: KEY}; the secret itself does not belong into this file";

/** A reference to a secret, never the secret. */
export const secretReferenceSchema = z.union(
  [
    z.string().regex(/^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$/s, { error: () => remedy }),
    z.strictObject({ secret: z.string().min(1).max(253), key: z.string().min(1).max(253) }),
  ],
  { error: () => remedy },
);
