import { z } from "zod";

const part = "[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?";
const prefix = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";

/** The key of a label or taint, such as `pool` or `ci.example.org/pool`. */
export const qualifiedName = z
  .string()
  .regex(new RegExp(`^(${prefix}/)?${part}$`), "is no key of a label or taint; write it as pool or example.org/pool");

/** What a label or taint may have as its value; may be empty. */
export const labelValue = z
  .union([z.string(), z.number(), z.boolean()], { error: "must be a text; correct it" })
  .transform(String)
  .pipe(
    z
      .string()
      .regex(new RegExp(`^(${part})?$`), "is no value of a label: at most 63 of A-Z, a-z, 0-9 and _.-; correct it"),
  );

/** The name of an object or namespace in the cluster. */
export const objectName = z
  .string({ error: "must be the name of an object; give it" })
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "is no name of an object: a-z, 0-9, - and . only; correct it");
