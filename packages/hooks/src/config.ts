import { listenAddress } from "@kubestack/contracts";
import { z } from "zod";

/** `listen.hooks` of the configuration: `HOST:PORT`, where a process takes webhooks once a master wants some; `off` takes none. */
export const hooksAddressSchema = z
  .string()
  .refine((value) => value === "off" || listenAddress(value) !== undefined, {
    error: "must be HOST:PORT, such as 127.0.0.1:8651, [::1]:8651 or 0.0.0.0:8651, or off; correct it",
  })
  .default("127.0.0.1:8651");
