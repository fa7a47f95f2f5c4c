/**
 * completion-collector: observes builds starting and finishing, and publishes each fact once.
 * It must never know what becomes of the slave that ran a build, or another service.
 */
export {
  type CompletedMaster,
  type CompletionCollector,
  type CompletionCollectorOptions,
  startCompletionCollector,
} from "./service.ts";
