/**
 * The one configuration of KubeStack, put together from what every package says about its own part.
 * It must never know how a service works.
 */
export {
  type FileTemplate,
  fileOf,
  type LoadOptions,
  loadConfiguration,
  type MasterEntry,
  masterOfEntry,
  type ReadConfiguration,
  type ReadFile,
  readConfiguration,
  usualFile,
  variables,
} from "./load.ts";
export { isJenkins, type JenkinsMasterConfig, type MasterConfig } from "./master.ts";
export { printForm, printOriginal } from "./original/print.ts";
export { type Configuration, configurationSchema } from "./schema.ts";
