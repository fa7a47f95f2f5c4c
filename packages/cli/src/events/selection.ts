import { filterOf, type NameList } from "../text/name-filter.ts";
import type { Occurrence } from "./occurrence.ts";

/** Which events are asked for. */
export interface Selection {
  readonly master?: NameList | undefined;
  /** A slave's name or the beginning of one. */
  readonly slave?: string | undefined;
  /** Nothing older than this, in milliseconds of NATS's time. */
  readonly since?: number | undefined;
}

/** Whether an event is asked for. */
export function selects({ master, slave, since }: Selection): (occurrence: Occurrence) => boolean {
  const ofMaster = filterOf(master);
  return (one) =>
    ofMaster(one.master) &&
    (slave === undefined || (one.kind !== "master" && one.kind !== "pool" && one.name.startsWith(slave))) &&
    (since === undefined || one.at >= since);
}

/** The one master whose events suffice, so that no others need be read. */
export function onlyMaster({ master }: Selection): string | undefined {
  return master !== undefined && master.only.length === 1 ? master.only[0] : undefined;
}
