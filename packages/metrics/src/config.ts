import { listenAddress } from "@kubestack/contracts";
import { z } from "zod";

/** `listen:` of the configuration: where the processes themselves may be asked. */
export const listenSchema = z.strictObject({
  /** `HOST:PORT` of `/metrics`, `/healthz` and `/readyz`; port 0 is one that is free; `off` listens nowhere. */
  metrics: z
    .string()
    .refine((value) => value === "off" || listenAddress(value) !== undefined, {
      error: "must be HOST:PORT, such as 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464, or off; correct it",
    })
    .default("127.0.0.1:0"),
});
