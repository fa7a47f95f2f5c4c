export {
  type CompletionListenerConfig,
  completionListenerConfigSchema,
  defaultCompletionListeners,
} from "./listeners/index.ts";
