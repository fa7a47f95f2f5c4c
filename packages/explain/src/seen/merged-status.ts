import type { MasterStatus, ServiceStatus } from "@kubestack/contracts";

/**
 * What all processes of a service say, as one; undefined where there is none. Of each master the process tells that serves
 * it; of the clocks the one that is off the most; of the cluster whoever can't reach it; and each note once.
 */
export function mergedStatus(statuses: readonly ServiceStatus[]): ServiceStatus | undefined {
  const [first, ...others] = statuses;
  if (first === undefined) return undefined;
  const masters = new Map<string, MasterStatus>();
  for (const status of statuses.flatMap((one) => one.masters)) {
    const known = masters.get(status.master);
    if (known === undefined || servesRather(status, known)) masters.set(status.master, status);
  }
  const furthest = others.reduce(
    (most, { clockOffsetMs }) => (Math.abs(clockOffsetMs) > Math.abs(most) ? clockOffsetMs : most),
    first.clockOffsetMs,
  );
  const cluster = clusterOf(statuses);
  const faults = new Map(statuses.flatMap((one) => one.templateFaults ?? []).map((fault) => [fault.sentence, fault]));
  const notes = new Set(statuses.flatMap((one) => one.notes ?? []));
  return {
    ...first,
    clockOffsetMs: furthest,
    ...(cluster === undefined ? {} : { cluster }),
    masters: [...masters.values()],
    ...(notes.size === 0 ? {} : { notes: [...notes] }),
    ...(faults.size === 0 ? {} : { templateFaults: [...faults.values()] }),
  };
}

/** While a master is handed over two may say that they serve it: then the later one does. */
function servesRather(one: MasterStatus, than: MasterStatus): boolean {
  if (one.state === "waiting") return false;
  return than.state === "waiting" || one.since > than.since;
}

function clusterOf(statuses: readonly ServiceStatus[]): ServiceStatus["cluster"] {
  const cut = statuses.find(({ cluster }) => cluster?.state === "unavailable");
  if (cut?.cluster === undefined || statuses.length === 1) return statuses[0]?.cluster;
  return { state: "unavailable", detail: `${cut.process}: ${cut.cluster.detail}` };
}
