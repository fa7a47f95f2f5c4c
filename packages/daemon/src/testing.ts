/** What keeps a process true to its configuration, so that tests in virtual time do it as programs do. */
export type { Host, ServedMaster } from "./host.ts";
export { ServedMasters } from "./served-masters.ts";
export { Upkeep } from "./upkeep.ts";
