/**
 * A Kubernetes node whose pods are plain processes of this machine, as faithful as a real kubelet in what others see of it:
 * the Node and its Lease, statuses, events, logs, grace times. For the sandbox and for tests; it isolates nothing.
 * It must never know what a slave, a template or a master is: it runs any pod.
 */
export type { ImageEntry, ImageTable } from "./image-table.ts";
export { type ProcessKubelet, type ProcessKubeletOptions, type StopOptions, startProcessKubelet } from "./kubelet.ts";
export { DEFAULT_TIMINGS, type KubeletTimings } from "./kubelet-services.ts";
export type { NodeCapacity } from "./node-object.ts";
