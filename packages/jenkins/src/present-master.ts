import { KubestackError } from "@kubestack/contracts";
import type { Master } from "./connect.ts";

/**
 * The Jenkins that somebody's `master` is. Raises `invalid-config` where it is none, with what can't be had of it then: a
 * configuration that asks for it is wrong.
 */
export function presentMaster(
  { name, master }: { readonly name: string; readonly master: Master | undefined },
  without: string,
): Master {
  if (master !== undefined) return master;
  throw new KubestackError("invalid-config", `Master ${name} is no Jenkins: ${without}.`, { retry: "never" });
}
