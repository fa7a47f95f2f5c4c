import type { MasterVersion } from "./versions.ts";

/** The texts of one generation, in English, which is what KubeStack asks for. */
export interface Words {
  readonly shuttingDown: string;
  readonly waiting: string;
  waitingOn(labelOrNode: string): string;
  nodeOffline(node: string): string;
  labelOffline(label: string): string;
  labelUnknown(label: string): string;
  labelMissing(node: string, label: string): string;
  reserved(node: string): string;
  mustRunOn(wanted: string, node: string): string;
  inQuietPeriod(leftMs: number): string;
  readonly finishedWaiting: string;
  inProgress(build: number, etaMs: number | null): string;
  readonly alreadyInProgress: string;
}

/** The texts of `version`. */
export function wordsOf(version: MasterVersion): Words {
  const named = (name: string) => (version.isQuoted ? `‘${name}’` : name);
  return {
    shuttingDown: "Jenkins is about to shut down",
    waiting: "Waiting for next available executor",
    waitingOn: (name) => `Waiting for next available executor on ${named(name)}`,
    nodeOffline: (node) => `${named(node)} is offline`,
    labelOffline: (label) => `All nodes of label ‘${label}’ are offline`,
    labelUnknown: (label) => `There are no nodes with the label ‘${label}’`,
    labelMissing: (node, label) => `${named(node)} doesn’t have label ${named(label)}`,
    reserved: (node) => `${named(node)} is reserved for jobs with matching label expression`,
    mustRunOn: (wanted, node) => `Must run on ${wanted} not ${node}`,
    inQuietPeriod: (leftMs) => `In the quiet period. Expires in ${timeSpan(leftMs)}`,
    finishedWaiting: version.isQuoted ? "Finished waiting" : "???",
    inProgress: (build, etaMs) =>
      `Build #${build} is already in progress${etaMs === null ? "" : ` (ETA: ${eta(etaMs)})`}`,
    alreadyInProgress: "A build is already in progress",
  };
}

function eta(ms: number): string {
  return ms < 0 ? "N/A" : timeSpan(ms);
}

const units = [
  ["day", 86_400_000],
  ["hr", 3_600_000],
  ["min", 60_000],
  ["sec", 1000],
] as const;
/** From ten of a unit on, the next smaller one is not told. */
const plenty = 10;

/** A time as masters print it: one unit, or two where there are fewer than ten of the larger one. */
export function timeSpan(ms: number): string {
  if (ms < 100) return `${Math.floor(ms)} ms`;
  if (ms < 1000) return `${Math.floor(ms / 10) / 100} sec`;
  if (ms < plenty * 1000) return `${Math.floor(ms / 100) / 10} sec`;
  const at = units.findIndex(([, size]) => ms >= size);
  const [unit, size] = units[at] ?? units[3];
  const count = Math.floor(ms / size);
  const smaller = units[at + 1];
  if (count >= plenty || smaller === undefined) return counted(count, unit);
  return `${counted(count, unit)} ${counted(Math.floor((ms % size) / smaller[1]), smaller[0])}`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${unit === "day" && count !== 1 ? "s" : ""}`;
}
