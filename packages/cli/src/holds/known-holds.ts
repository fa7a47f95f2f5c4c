import { type Hold, KubestackError, type LiftRequest, type Plan } from "@kubestack/contracts";
import { withoutSize } from "@kubestack/demand";

/** What is held back at a master. */
export interface KnownHold extends Hold {
  readonly master: string;
}

/** What is to be lifted where. */
export type ToLift = Pick<LiftRequest, "master" | "what" | "name">;

/** What is held now, by the masters' newest plans: by master, then as each tells it. */
export function holdsIn(plans: Iterable<Plan>, now: number): KnownHold[] {
  return [...plans]
    .sort((a, b) => (a.master < b.master ? -1 : 1))
    .flatMap(({ master, holds = [] }) => holds.map((hold) => ({ ...hold, master })))
    .filter(({ until }) => until > now);
}

/**
 * The holds that a person means by a name: of a template, whatever size, of a namespace or of a master; at the master that is
 * named, else wherever it is held. `not-found` where it is not.
 */
export function toLift(
  holds: readonly KnownHold[],
  { name, master }: { readonly name: string; readonly master: string | undefined },
): ToLift[] {
  const named = holds.map((hold) => ({ ...hold, name: nameOf(hold) }));
  const meant = named.filter((hold) => hold.name === name && (master === undefined || hold.master === master));
  const things = new Map(
    meant.map(({ what, master: at }) => [`${what} ${at}`, { master: at, what, name } satisfies ToLift]),
  );
  if (things.size > 0) return [...things.values()];
  const others = [...new Set(named.map((hold) => hold.name))];
  const where = master === undefined ? "" : ` at ${master}`;
  throw new KubestackError(
    "not-found",
    `'${name}' is not held${where}; ${others.length === 0 ? "nothing is" : `held are ${others.join(", ")}`}.`,
    { retry: "never" },
  );
}

function nameOf({ what, name }: Hold): string {
  return what === "template" ? withoutSize(name) : name;
}
