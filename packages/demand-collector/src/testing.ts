/** A listener by itself, for tests that let it read hostile answers without a collector around it. */
export { connectDemandListener } from "./listeners/index.ts";
