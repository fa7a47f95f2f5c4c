import { mostServices } from "@kubestack/contracts";
import { z } from "zod";

const port = z.number({ error: "must be a port, from 1 to 65535" }).int().min(1).max(65_535);

/**
 * `<slave>-<name>` must be a DNS label of 63 characters at most. A slave's name has 47 at most for the first 32^9 slaves of a
 * master; what is left is what Kubernetes takes as the name of a port, too.
 */
const nameForm = /^[a-z]([a-z0-9]|-(?=[a-z0-9])){0,14}$/;

/** One Service of a template, as far as the template says it; its parents may say the rest. */
const item = z.strictObject({
  /** By which it is known among its own and its parents'. */
  name: z
    .string({ error: ({ input }) => (input === undefined ? "is missing; give it" : "must be a name; correct it") })
    .regex(nameForm, "must be 1 to 15 of a-z, 0-9 and -, and begin with a letter; correct it"),
  /** As in a pod: takes away what the parents say of the Service of this name. */
  $patch: z.literal("delete", { error: "must be delete, or left out; correct it" }).optional(),
  /** Must be given, here or by a parent. */
  port: port.optional(),
  /** Default: `port`. */
  targetPort: port.optional(),
  /** Default: TCP. */
  protocol: z.enum(["TCP", "UDP", "SCTP"], { error: "must be TCP, UDP or SCTP; correct it" }).optional(),
  /** Default: whether the two ports are one. */
  headless: z.boolean({ error: "must be true or false" }).optional(),
});
export type ServiceItem = z.output<typeof item>;

/** The key `services` of a template. */
export const servicesSchema = z
  .array(item, { error: "must be a list of services; correct it" })
  .max(mostServices)
  .superRefine((items, context) => {
    items.forEach(({ name }, at) => {
      const before = items.findIndex((other) => other.name === name);
      if (before !== at)
        context.addIssue({ code: "custom", path: [at, "name"], message: `is entry ${before}'s; give each its own` });
    });
  });
