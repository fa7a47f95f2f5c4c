/** What tests put in the place of the machine's time and of a log. */
export { type Line, listeningLog } from "./listening-log.ts";
export { type ManualTiming, manualTiming } from "./manual-timing.ts";
