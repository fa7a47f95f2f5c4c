import {
  type KeptMaster,
  KubestackError,
  type MasterOrder,
  type OrderRequest,
  printInstant,
} from "@kubestack/contracts";

/** Whether anything is launched for a master, and whether its slaves are to leave. */
export interface Launching {
  /** Why nothing is launched; undefined: what builds need is. */
  readonly reason: string | undefined;
  /** Slaves without a build leave, and busy ones go after theirs. */
  readonly isDraining: boolean;
}

/** What is launched for a master that stands so. One that the configuration does not name is drained, whatever was ordered. */
export function launchingOf(
  { master, removedAt, order }: Pick<KeptMaster, "master" | "removedAt" | "order">,
  isListed: boolean,
): Launching {
  if (!isListed) {
    const since = removedAt === null ? "" : ` since ${printInstant(removedAt)}`;
    return { reason: `master ${master} is out of the configuration${since}, and drained`, isDraining: true };
  }
  if (order === null) return { reason: undefined, isDraining: false };
  return { reason: `master ${master} is ${toldOrder(order)}`, isDraining: order.kind === "draining" };
}

/** `paused by ann since 2026-03-04 12:00:07 UTC (upgrade)`: never anything that changes with each second. */
export function toldOrder({ kind, by, at, reason }: MasterOrder): string {
  const why = reason === "" ? "" : ` (${reason})`;
  return `${kind === "paused" ? "paused" : "drained"} by ${by} since ${printInstant(at)}${why}`;
}

/**
 * What is ordered once a request is granted; null: nothing any more. Raises `already-exists` where it is so already, and
 * `not-found` where there is nothing to end.
 */
export function orderAfter(kept: KeptMaster, { wants, by, reason }: OrderRequest, now: number): MasterOrder | null {
  const { master, order } = kept;
  if (wants === "resume") {
    if (order !== null) return null;
    throw new KubestackError(
      "not-found",
      `Master ${master} is neither paused nor drained: there is nothing to resume.`,
      {
        retry: "never",
      },
    );
  }
  if (order?.kind === "draining" || (order !== null && wants === "pause")) {
    const remedy = wants === "pause" && order.kind === "draining" ? ", which launches nothing either" : "";
    throw new KubestackError(
      "already-exists",
      `Master ${master} is ${toldOrder(order)} already${remedy}; kubestackcmd masters resume ${master} ends that.`,
      { retry: "never" },
    );
  }
  return { kind: wants === "pause" ? "paused" : "draining", by, at: now, reason };
}
