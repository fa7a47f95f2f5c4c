import { type Forgotten, KubestackError, printInstant } from "@kubestack/contracts";

/** What a master that is to be forgotten is like. */
export interface ToForget {
  readonly master: string;
  /** Whether the owner's configuration names it. */
  readonly isListed: boolean;
  /** Slaves that its ledger names. */
  readonly slaves: number;
  /** Those of them that were seen with a build. */
  readonly busy: number;
  /** Whether it answers now. */
  readonly isAnswering: boolean;
  /** Whether the person knows what is lost with it. */
  readonly isConfirmed: boolean;
  /** Who forgot it before. */
  readonly forgotten: Forgotten | undefined;
}

/** Raises `already-exists`, with what to do instead, where a master can't be forgotten. Pure. */
export function checkForgetting(of: ToForget): void {
  const why = refusalOf(of);
  if (why !== undefined) throw new KubestackError("already-exists", why, { retry: "never" });
}

function refusalOf({ master, isListed, slaves, busy, isAnswering, isConfirmed, forgotten }: ToForget) {
  if (isListed)
    return `Master ${master} is in the configuration: take it out there, and it is drained and left by itself; forget is for one that is off for good then.`;
  if (forgotten !== undefined)
    return `Master ${master} is ${toldForgotten(forgotten)} already: it goes when the pods of its slaves are gone.`;
  if (isAnswering && busy > 0)
    return `Master ${master} answers, and ${busy === 1 ? "a slave runs a build" : `${busy} slaves run builds`} there: it is left by itself when they are over.`;
  if (slaves > 0 && !isConfirmed)
    return `Master ${master} has ${slaves === 1 ? "1 slave" : `${slaves} slaves`} left: the pods are deleted, with whatever runs in them, and the nodes stay at the master; say --yes if it is off for good.`;
  return undefined;
}

/** `forgotten by ann since 2026-03-04 12:00:07 UTC (off)`. */
export function toldForgotten({ by, at, reason }: Forgotten): string {
  return `forgotten by ${by} since ${printInstant(at)}${reason === "" ? "" : ` (${reason})`}`;
}

/** Why a slave goes without its node, as its record tells it. */
export function givenUpReason(master: string, forgotten: Forgotten): string {
  return `its node at ${master} is given up: that master is ${toldForgotten(forgotten)}`;
}
