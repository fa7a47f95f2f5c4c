/**
 * What the Kubernetes plugin of Jenkins says of its agents, in our form, and what becomes of each of its fields.
 * It must never know a file system, a cluster or a master: it is given texts and gives what they come to.
 */
export type { EntryComment } from "./entry/pod-entry.ts";
export type { Imported } from "./imported.ts";
export { importJcasc, type JcascOptions } from "./jcasc/import-jcasc.ts";
export { importPodTemplate, type PodTemplateOptions } from "./pod-template/import-pod-template.ts";
export type { ImportReport, Path, ReportGroup, ReportLine, ToDo, Verdict } from "./report/report.ts";
