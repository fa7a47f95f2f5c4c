import type { Environment } from "@kubestack/runtime";

/** Who gives an order, as this machine knows the person; one that became root by sudo is who that was. */
export function whoOf({ SUDO_USER, USER, LOGNAME }: Environment): string {
  return (SUDO_USER || USER || LOGNAME || "somebody").slice(0, 256);
}
