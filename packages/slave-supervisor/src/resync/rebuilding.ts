import { type Ledger, podName, type SlaveRecord, slaveRecordVersion } from "@kubestack/contracts";
import { type Found, livingKey, livingKeys } from "@kubestack/demand";
import type { PodObservation } from "@kubestack/kubernetes";
import { slaveName } from "@kubestack/slave";
import { identityIn, type SlaveIdentity } from "@kubestack/templates";
import { retainedUntil } from "../retained-pods/marks.ts";

/** Whose objects are ours. */
export interface Ours {
  readonly install: string;
  readonly master: string;
}

/** What is known of a name: no record, one of a slave that is over, one of a slave that is not, or one that is not for us to read. */
export type RecordStanding = "none" | "over" | "open" | "closed";

/** A slave that a pod tells of, and that the ledger does not name. */
export interface Unnamed {
  readonly identity: SlaveIdentity;
  readonly pod: Pick<PodObservation, "name" | "uid" | "annotations">;
}

/** The pods of this master whose slaves the ledger does not name; of one slave's the newest. */
export function unnamedPods(ledger: Ledger, pods: readonly PodObservation[], ours: Ours): Unnamed[] {
  const living = livingKeys(ledger);
  const newest = new Map<string, Unnamed>();
  for (const pod of pods) {
    const identity = identityIn(pod, ours);
    if (identity === undefined) continue;
    const name = slaveName(identity);
    // A pod whose name and marks say different things is nobody's.
    if (podName({ ...identity, name }) !== pod.name || living.has(livingKey(identity))) continue;
    const other = newest.get(name);
    if (other === undefined || (other.identity.attempt ?? 1) < (identity.attempt ?? 1))
      newest.set(name, { identity, pod });
  }
  return [...newest.values()];
}

/** Whether the slave's number is one that the ledger has not given yet: then it does not know what it gave. */
export function isAhead(ledger: Ledger, { epoch, number }: { epoch: string; number: number }): boolean {
  return epoch === ledger.epoch && number >= ledger.next;
}

/**
 * The slaves that are named again, out of those that the ledger does not name. Not one that is over; nor, as long as the
 * ledger knows what it gave, one whose number it gave and took back: their pods are late requests' leavings.
 */
export function foundSlaves(of: {
  readonly ledger: Ledger;
  readonly unnamed: readonly Unnamed[];
  readonly isBehind: boolean;
  readonly standingOf: (name: string) => RecordStanding;
  readonly at: number;
}): Found[] {
  return of.unnamed.flatMap(({ identity, pod }) => {
    const { epoch, number, nonce, template, labels, size, unlabelled, name } = identity;
    const standing = of.standingOf(name);
    const isBurnt = epoch === of.ledger.epoch && !of.isBehind;
    // A pod that is kept was stopped when its slave was over.
    if (isBurnt || standing === "over" || standing === "closed" || retainedUntil(pod.annotations) !== undefined)
      return [];
    const reason = "its pod was there, and the ledger did not name it: it is supervised again";
    const found = { epoch, number, nonce, template, labels: [...labels], item: null, at: of.at, reason };
    return [
      {
        ...found,
        ...(size === undefined ? {} : { size }),
        ...(unlabelled === undefined ? {} : { unlabelled }),
      },
    ];
  });
}

/** How a record stands for `foundSlaves`: one with another nonce is of another slave, and not ours to change. */
export function standingOfRecord(
  record: Pick<SlaveRecord, "state" | "version" | "nonce"> | undefined | "unreadable",
  nonce: string | undefined,
): RecordStanding {
  if (record === undefined) return "none";
  if (record === "unreadable" || record.version > slaveRecordVersion) return "closed";
  if (nonce !== undefined && record.nonce !== nonce) return "closed";
  return record.state === "deleted" ? "over" : "open";
}
