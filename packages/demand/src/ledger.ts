import { type Ledger, type LivingSlave, ledgerVersion } from "@kubestack/contracts";

/** What a launch is before it has a number. */
export type Launch = Omit<LivingSlave, "number" | "epoch">;

/** A slave of which nothing was known any more but what its pod says. */
export type Found = LivingSlave & { readonly epoch: string };

/** So many earlier epochs are remembered: each took a store that was lost or put back. */
const epochLimit = 32;

/** The first ledger of a master. */
export function newLedger(of: { master: string; owner: string; epoch: string; op: string; store?: string }): Ledger {
  return {
    version: 1,
    op: of.op,
    master: of.master,
    owner: of.owner,
    term: 1,
    epoch: of.epoch,
    next: 1,
    ...(of.store === undefined ? {} : { store: of.store }),
    live: [],
  };
}

/** Takes the master over: own name and a higher term. Whoever was named before can write no more. */
export function taken(ledger: Ledger, by: { owner: string; op: string; store?: string }): Ledger {
  const store = by.store ?? ledger.store;
  const next = { ...ledger, owner: by.owner, op: by.op, term: ledger.term + 1 };
  return store === undefined ? next : { ...next, store };
}

/** Names the launches in the ledger, with the numbers they got. */
export function granted(
  ledger: Ledger,
  launches: readonly Launch[],
  op: string,
): { ledger: Ledger; live: LivingSlave[] } {
  const live = launches.map((launch, index) => ({ ...launch, number: ledger.next + index }));
  return { ledger: { ...ledger, op, next: ledger.next + launches.length, live: [...ledger.live, ...live] }, live };
}

/** Takes slaves that are deleted, by their keys, out of the ledger. Doing it twice is doing it once; their numbers stay burnt. */
export function released(ledger: Ledger, keys: ReadonlySet<string>, op: string): Ledger {
  const live = ledger.live.filter((living) => !keys.has(keyOf(ledger, living)));
  return versioned({ ...ledger, op, live });
}

/** Tells slaves of one master apart: numbers of two epochs are never the same slave. */
export function livingKey({ epoch, number }: { readonly epoch: string; readonly number: number }): string {
  return `${epoch}/${number}`;
}

/** The keys of all slaves that the ledger names. */
export function livingKeys(ledger: Ledger): Set<string> {
  return new Set(ledger.live.map((living) => keyOf(ledger, living)));
}

/** The epoch of a slave that the ledger names. */
export function livingEpoch({ epoch }: Ledger, living: LivingSlave): string {
  return living.epoch ?? epoch;
}

function keyOf(ledger: Ledger, living: LivingSlave): string {
  return livingKey({ epoch: livingEpoch(ledger, living), number: living.number });
}

/** Whether a ledger was last taken over in another store than this one: what it says may be of the past. */
export function isOfAnotherStore(ledger: Ledger, store: string): boolean {
  return ledger.store !== undefined && ledger.store !== store;
}

/**
 * The ledger with another epoch: which numbers were given in the present one is not known any more, so it gives no more of
 * them. The slaves that it names keep theirs.
 */
export function renewed(ledger: Ledger, epoch: string): Ledger {
  const live = ledger.live.map((living) => ({ ...living, epoch: livingEpoch(ledger, living) }));
  return versioned(remembering({ ...ledger, epoch, next: 1, live }, [ledger.epoch]));
}

/** Names slaves that were found. One that is named already stays as it is. */
export function adopted(ledger: Ledger, found: readonly Found[], op: string): Ledger {
  const known = livingKeys(ledger);
  const news = [...new Map(found.map((one) => [livingKey(one), one])).values()].filter(
    (one) => !known.has(livingKey(one)),
  );
  const epochs = news.map(({ epoch }) => epoch);
  return versioned(remembering({ ...ledger, op, live: [...ledger.live, ...news] }, epochs));
}

function remembering(ledger: Ledger, epochs: readonly string[]): Ledger {
  const others = [...new Set([...(ledger.epochs ?? []), ...epochs])].filter((epoch) => epoch !== ledger.epoch);
  return others.length === 0 ? ledger : { ...ledger, epochs: others.slice(-epochLimit) };
}

/** A release that knows no earlier epochs would take their slaves for its own: it must keep its hands off. */
function versioned(ledger: Ledger): Ledger {
  const hasEarlier = ledger.live.some(({ epoch }) => epoch !== undefined && epoch !== ledger.epoch);
  return { ...ledger, version: hasEarlier ? ledgerVersion : 1 };
}

/**
 * Leaves out of the ledger what the records of these slaves hold already, so that it stays short: number, nonce, template and
 * labels are enough to make a record that was lost anew.
 */
export function shortened(ledger: Ledger, isRecorded: (living: LivingSlave) => boolean): Ledger {
  const isLong = ({ item, reason }: LivingSlave): boolean => item !== null || reason !== "";
  const live = ledger.live.map((living) =>
    isLong(living) && isRecorded(living) ? { ...living, item: null, reason: "" } : living,
  );
  return { ...ledger, live };
}
