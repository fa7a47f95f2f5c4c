export {
  type CompletionListenerConfig,
  completionListenerConfigSchema,
  defaultCompletionListeners,
  ownCompletionListeners,
} from "./listeners/index.ts";
