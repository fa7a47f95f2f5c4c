export {
  type DemandListenerConfig,
  defaultDemandListeners,
  demandListenerConfigSchema,
  readsJenkins,
  withComputers,
} from "./listeners/index.ts";
