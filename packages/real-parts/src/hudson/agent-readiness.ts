import { lastLines } from "../process/log-tail.ts";
import type { HudsonAdmin } from "./admin.ts";

/** Whether the master shows the node online. */
export async function isOnline(admin: HudsonAdmin, node: string): Promise<boolean> {
  return (await admin.nodes()).some((shown) => shown.displayName === node && !shown.offline);
}

/** Whether an agent has written into its log that it is connected. */
export function hasConnected(logFile: string): boolean {
  return lastLines(logFile, 60).some((line) => /\bConnected$/.test(line.trim()));
}
