import type { Hold } from "@kubestack/contracts";
import { type Standing, standingOf } from "../holds.ts";
import type { Failures } from "../launch-history.ts";
import type { HeldThing } from "./held-by.ts";

/** How something stands from which, in which, or at which launches failed. */
export interface TroubledThing {
  readonly what: HeldThing;
  /** Of a template: its `launchKind`. */
  readonly name: string;
  readonly failures: number;
  readonly standing: Standing;
}

/** How each thing stands that has failures since its last success. Room in a namespace is made by each pod that goes. Pure. */
export function standingsOf(
  failing: (what: HeldThing) => ReadonlyMap<string, Failures>,
  now: number,
): readonly TroubledThing[] {
  return (["master", "namespace", "template"] as const).flatMap((what) =>
    [...failing(what)].map(([name, { ends, freedAt }]) => ({
      ...{ what, name, failures: ends.filter(({ isLifted }) => isLifted !== true).length },
      standing: standingOf(ends, now, what === "namespace" ? freedAt : null),
    })),
  );
}

/** What of these is held now, for people and programs; the same at every moment of a hold. */
export function holdsOf(troubled: readonly TroubledThing[]): Hold[] {
  return troubled.flatMap(({ what, name, failures, standing: { held } }) =>
    held === undefined ? [] : [{ what, name, ...held, failures }],
  );
}

/** Why nothing is launched, from whichever template, as a whole sentence; undefined: that is not so. */
export function barOf(troubled: readonly TroubledThing[]): string | undefined {
  const held = troubled.find(({ what, standing }) => what !== "template" && standing.hold !== undefined);
  return held === undefined ? undefined : `${held.what} ${held.name} is held: ${held.standing.hold}`;
}
