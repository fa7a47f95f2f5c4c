export { type DemandListenerConfig, defaultDemandListeners, demandListenerConfigSchema } from "./listeners/index.ts";
