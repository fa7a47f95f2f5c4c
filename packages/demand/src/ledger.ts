import { type Ledger, type LivingSlave, ledgerVersion } from "@kubestack/contracts";

/** What a launch is before it has a number. */
export type Launch = Omit<LivingSlave, "number">;

/** The first ledger of a master. */
export function newLedger(of: { master: string; owner: string; epoch: string; op: string }): Ledger {
  return {
    version: ledgerVersion,
    op: of.op,
    master: of.master,
    owner: of.owner,
    term: 1,
    epoch: of.epoch,
    next: 1,
    live: [],
  };
}

/** Takes the master over: own name and a higher term. Whoever was named before can write no more. */
export function taken(ledger: Ledger, by: { owner: string; op: string }): Ledger {
  return { ...ledger, owner: by.owner, op: by.op, term: ledger.term + 1 };
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

/** Takes slaves that are deleted out of the ledger. Doing it twice is doing it once; their numbers stay burnt. */
export function released(ledger: Ledger, numbers: ReadonlySet<number>, op: string): Ledger {
  return { ...ledger, op, live: ledger.live.filter(({ number }) => !numbers.has(number)) };
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
