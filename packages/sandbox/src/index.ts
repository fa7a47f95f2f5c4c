/**
 * The sandbox: a whole world on one machine, real in every part, for `npm start` and for tests.
 * It must never know how a service works.
 */
export { agentsNamespace, type ConfigurationParts, configurationOf, masterName } from "./configuration-file.ts";
export { applyManifests, rightsFile } from "./manifests.ts";
export { imageOf, type Kind, kinds } from "./slave-images.ts";
export { type PartName, startWorld, type World, type WorldOptions } from "./world.ts";
