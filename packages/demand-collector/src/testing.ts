/** Listeners by themselves, and what they read, for tests that let them read hostile answers without a collector around them. */
export { readItems } from "./listeners/external/items.ts";
export { connectDemandListener } from "./listeners/index.ts";
