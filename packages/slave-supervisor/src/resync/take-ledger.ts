import { KubestackError } from "@kubestack/contracts";
import { LedgerKeeper } from "../ledger-keeper.ts";
import type { MasterOptions } from "../master-scope.ts";
import { doubtRecords } from "./doubt.ts";
import { isAhead } from "./rebuilding.ts";

/** A number that somebody bears. */
export interface Borne {
  readonly epoch: string;
  readonly number: number;
}

/**
 * Takes a master's ledger over, knowing which store it is in. Records of a store that was put back are doubted before
 * anybody acts by them. Raises `not-owner` where another store has the installation.
 */
export async function takeLedger(options: MasterOptions, ahead: readonly Borne[]): Promise<LedgerKeeper> {
  const { bus, name, store } = options;
  const { state, id, reason } = await store.check();
  if (state === "foreign") throw new KubestackError("not-owner", reason);
  return LedgerKeeper.takeOver(bus, name, {
    store: id,
    earlier: store.epochsOf(name),
    isBehind: (ledger) => ahead.some((borne) => isAhead(ledger, borne)),
    beforeRenewal: () => doubtRecords(options),
  });
}
