/**
 * demand-collector: observes what each master wants and has, and publishes it whole.
 * It must never know what is launched for it, or another service.
 */
export {
  type CollectedMaster,
  type DemandCollector,
  type DemandCollectorOptions,
  startDemandCollector,
} from "./service.ts";
