import { z } from "zod";

/** A Service of the cluster that leads to one slave's pod, as it was decided when the slave was launched. */
export const slaveServiceSchema = z.object({
  /** The Service is called `<slave>-<name>`. */
  name: z.string(),
  /** At which it is reached. */
  port: z.number().int().positive(),
  /** At which the pod listens. */
  targetPort: z.number().int().positive(),
  protocol: z.enum(["TCP", "UDP", "SCTP"]),
  /** Its name is the pod's own address; else it has one of its own, which the cluster forwards. */
  headless: z.boolean(),
});
export type SlaveService = z.infer<typeof slaveServiceSchema>;

/** A slave has at most so many. */
export const mostServices = 20;
