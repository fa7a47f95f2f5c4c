import type { PodObservation } from "@kubestack/kubernetes";
import { annotationNames, attemptIn } from "@kubestack/templates";

/** A slave, as the marks of a pod name it. */
export interface MarkedSlave {
  readonly master: string;
  readonly epoch: string;
  readonly number: number;
  /** Which of its pods: each further one follows one that was lost. */
  readonly attempt: number;
}

/** The slave of this installation whose marks a pod carries; undefined where it is nobody's. */
export function markedSlave({ annotations }: Pick<PodObservation, "annotations">, install: string) {
  const number = Number(annotations[annotationNames.number]);
  const master = annotations[annotationNames.master];
  const epoch = annotations[annotationNames.epoch];
  if (annotations[annotationNames.install] !== install || master === undefined || epoch === undefined) return undefined;
  return Number.isSafeInteger(number)
    ? ({ master, epoch, number, attempt: attemptIn(annotations) } satisfies MarkedSlave)
    : undefined;
}

/** Slaves whose pods are remembered; the oldest are forgotten first. */
const remembered = 20_000;

/**
 * Notices a second pod of one slave, or of one that follows a lost one: names are never used twice, and neither is a slave, so that there is one pod for it
 * from its launch on for ever. What is seen while another process owns the master is counted by the next change of a pod
 * of that slave that is seen as its owner.
 */
export class DuplicatePods {
  readonly #known = new Map<string, { readonly uids: Set<string>; counted: number }>();

  /** Takes a pod in; returns how many more than one there are that were not counted yet, where they are to be counted. */
  saw(slave: MarkedSlave, uids: readonly string[], isOwner: boolean): number {
    const key = `${slave.master}\n${slave.epoch}\n${slave.number}\n${slave.attempt}`;
    const known = this.#known.get(key) ?? { uids: new Set<string>(), counted: 0 };
    this.#known.set(key, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > remembered && oldest !== undefined) this.#known.delete(oldest);
    for (const uid of uids) known.uids.add(uid);
    const more = known.uids.size - 1 - known.counted;
    if (!isOwner || more <= 0) return 0;
    known.counted += more;
    return more;
  }
}
