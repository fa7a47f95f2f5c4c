/** A master that is out of the configuration and does not answer is let go after this time, in milliseconds, anchors or not. */
export const patienceMs = 24 * 60 * 60_000;

/** How a master stands that is out of the configuration. */
export interface Remains {
  /** Slaves that its ledger names. */
  readonly living: number;
  /** Pods that were kept beyond their slaves: they go with the master. */
  readonly retained: number;
  /** Whether the newest round shows anchors of ours; `unknown` while the master does not answer. */
  readonly anchors: "gone" | "there" | "unknown";
  /** Whether a person gave it up: nothing is asked of it any more. */
  readonly isForgotten: boolean;
  /** How long it has been out of the configuration, in milliseconds. */
  readonly forMs: number;
}

/** Whether such a master may be left now, and otherwise what is waited for. Pure. */
export function removalOf({ living, retained, anchors, isForgotten, forMs }: Remains): {
  isOver: boolean;
  why: string;
} {
  if (living > 0)
    return {
      isOver: false,
      why: `it is left when its ${living === 1 ? "last slave is" : `${living} slaves are`} gone`,
    };
  if (retained > 0) return { isOver: false, why: "it is left when the pods that were kept are gone" };
  if (isForgotten) return { isOver: true, why: "it was given up: nodes of ours may be left there" };
  if (anchors === "gone") return { isOver: true, why: "nothing of ours is left there" };
  if (forMs >= patienceMs)
    return { isOver: true, why: "it has not answered for a day: our two anchor nodes may be left there" };
  const why =
    anchors === "there"
      ? "it is left when its two anchor nodes are removed"
      : "it does not answer: whether our two anchor nodes are gone is not known";
  return { isOver: false, why };
}
