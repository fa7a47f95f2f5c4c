import { isLoopback, listenAddress } from "@kubestack/contracts";
import { z } from "zod";

/** `listen.api` of the configuration: `HOST:PORT`, where a process answers people over HTTP; `off` answers over NATS alone. */
export const apiAddressSchema = z
  .string()
  .refine((value) => value === "off" || listenAddress(value) !== undefined, {
    error: "must be HOST:PORT, such as 127.0.0.1:8650 or [::1]:8650, or off; correct it",
    abort: true,
  })
  .refine((value) => isLoopback(listenAddress(value)?.host ?? "localhost"), {
    error:
      "must be on loopback: nobody is asked yet who he is; listen at 127.0.0.1:8650, and reach it by kubectl port-forward, an SSH tunnel or a proxy that asks",
  })
  .default("127.0.0.1:8650");
