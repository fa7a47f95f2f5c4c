/**
 * The one configuration of KubeStack, put together from what every package says about its own part.
 * It must never know how a service works.
 */
export { type LoadOptions, loadConfiguration, usualFile, variables } from "./load.ts";
export type { MasterConfig } from "./master.ts";
export { type Configuration, configurationSchema } from "./schema.ts";
