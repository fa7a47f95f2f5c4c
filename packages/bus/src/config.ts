import { z } from "zod";

/** `nats:` of the configuration file. Without `servers` an embedded nats-server is started. */
export const natsConfigSchema = z.strictObject({
  servers: z
    .array(
      z
        .string()
        .regex(/^(nats|tls):\/\//, "write it as nats://host:port or tls://host:port")
        // An address is logged and shown; a password in it would be too.
        .regex(/^[^@]*$/, "must not hold a user or password; give credentials: file:PATH"),
    )
    .min(1)
    .optional(),
  /** A credentials file, as `file:PATH`. */
  credentials: z.string().startsWith("file:", "give a file, as file:PATH").optional(),
  tls: z.strictObject({ ca: z.string().startsWith("file:", "give a file, as file:PATH") }).optional(),
  /** The nats-server program to embed; default: `nats-server` on PATH, then the cache of built parts. */
  binary: z.string().min(1).optional(),
  /** The folder that the embedded server keeps its streams in. */
  store: z.string().min(1).optional(),
});
export type NatsConfig = z.infer<typeof natsConfigSchema>;
