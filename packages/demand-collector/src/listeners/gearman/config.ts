import { duration } from "@kubestack/contracts";
import { z } from "zod";

const pemFile = z
  .string({ error: "must name a PEM file; write file:PATH" })
  .regex(/^file:.+/s, "must name a PEM file; write file:PATH")
  .transform((text) => text.slice("file:".length));

const tlsSchema = z
  .strictObject({
    /** Trusted beside the well-known authorities. */
    ca: pemFile.optional(),
    /** Our own certificate and its key, for servers that want one. */
    cert: pemFile.optional(),
    key: pemFile.optional(),
    insecureSkipVerify: z.boolean({ error: "must be true or false; correct it" }).default(false),
  })
  .superRefine(({ ca, cert, key, insecureSkipVerify }, context) => {
    if ((cert === undefined) !== (key === undefined)) {
      const path = [cert === undefined ? "cert" : "key"];
      context.addIssue({ code: "custom", path, message: "is missing: cert and key go together; name both or neither" });
    }
    if (ca !== undefined && insecureSkipVerify) {
      const message = "has no effect while insecureSkipVerify is true; remove one of the two";
      context.addIssue({ code: "custom", path: ["ca"], message });
    }
  });

export const schema = z.strictObject({
  type: z.literal("gearman"),
  host: z
    .string({ error: "must be the host of the Gearman server; give its name or address" })
    .max(253)
    .regex(
      /^(?:[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/,
      "must be a host's name or address, without a port; correct it",
    ),
  port: z.number({ error: "must be a port, from 1 to 65535; correct it" }).int().min(1).max(65_535).default(4730),
  /** From the start of one round to the start of the next. */
  interval: duration({ min: "250ms", max: "5m" }).prefault("2s"),
  /** Absent: plain TCP. */
  tls: tlsSchema.optional(),
});
