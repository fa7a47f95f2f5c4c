/**
 * What a slave's pod is made of: the templates of the configuration, and the one way from a template to a pod.
 * It must never know a cluster, a master's address, or why a slave is launched.
 */
export { agentContainerIn, imageOf, requestsOf } from "./agent-container.ts";
export { agentFileNames, attachingPart, connectingPart } from "./agent-parts.ts";
export {
  type BookFault,
  type BookTemplate,
  bookOf,
  type FileTemplates,
  nameInNamespace,
  type TemplateBook,
  type WrittenEntry,
} from "./book/book.ts";
export { originWord, type TemplateOrigin, toldOrigin } from "./book/origin.ts";
export { type Reference, referencesOf } from "./book/references.ts";
export type { ConfigMapGrant, Grant, TemplateSources } from "./book/sources.ts";
export {
  type SharedCap,
  type TemplateConfig,
  type TemplateEntry,
  templateConfigSchema,
  templateEntrySchema,
  templatesOf,
} from "./config.ts";
export { injector } from "./injection/injection.ts";
export { type Allowance, allowances, isForWindows, looseningOf } from "./loosening.ts";
export {
  annotationNames,
  attemptIn,
  identityIn,
  isMarkedAs,
  labelValue,
  objectAnnotations,
  objectLabels,
  podAnnotations,
  retentionNames,
  type SlaveIdentity,
  slaveLabel,
  slaveNameIn,
} from "./marks.ts";
export { faultsOf } from "./merge/faults.ts";
export { isList, isMap, type Json, type JsonMap, mapOf, mapsIn } from "./merge/json.ts";
export { onPools, type PoolPlace, poolsAnnotation } from "./node-pools.ts";
export { type Origin, originsOf } from "./origins.ts";
export { ownedFieldFaults } from "./owned-fields.ts";
export { type AgentPart, type PodManifest, podOf, secretOf, slaveLayers } from "./pod.ts";
export { type Layer, type Owner, type PodEntry, podOfEntry } from "./pod-layers.ts";
export { type NeedsOptions, needsOf } from "./pod-needs.ts";
export { type PodRequests, podRequestsOf } from "./pod-requests.ts";
export { servicesIn } from "./services/annotation.ts";
export { serviceName, serviceOf, serviceVariables } from "./services/service-object.ts";
export {
  atLaunch,
  type SpecimenMaster,
  type SpecimenOptions,
  settingsOf,
  specimenIdentity,
  specimenName,
  specimenOf,
  specimenPart,
} from "./specimen.ts";
export type { WarmRule, WarmWindow } from "./warm/entry.ts";
export { type WarmTarget, warmTarget } from "./warm/target.ts";
