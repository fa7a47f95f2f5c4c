import { randomBytes, randomUUID } from "node:crypto";
import type { Bus, Entry } from "@kubestack/bus";
import { hasCode, KubestackError, keys, type Ledger, type LivingSlave, ledgerVersion } from "@kubestack/contracts";
import {
  adopted,
  type Found,
  granted,
  isOfAnotherStore,
  type Launch,
  livingKey,
  livingKeys,
  newLedger,
  released,
  renewed,
  shortened,
  taken,
} from "@kubestack/demand";
import { epochOf } from "@kubestack/slave";

/** What a master is taken over with. */
export interface TakingOver {
  /** The store's id. A ledger that was last taken over in another store gets another epoch. */
  readonly store?: string | undefined;
  /** Whether numbers are known that the ledger has not given yet: it then gets another epoch, too. */
  readonly isBehind?: (ledger: Ledger) => boolean;
  /** Epochs that the master's slaves have had, whatever the ledger says: none of them is taken again. */
  readonly earlier?: readonly string[];
  /** Called before a ledger of another store is taken over: whatever is to be done before anybody acts by it. */
  readonly beforeRenewal?: () => Promise<void>;
}

/** One master's ledger, as this process holds it. Every change is a compare-and-set on what was read. */
export class LedgerKeeper {
  readonly #bus: Bus;
  readonly #earlier: readonly string[];
  #entry: Entry<Ledger>;
  #keys: ReadonlySet<string>;
  #isInDoubt = false;
  /** Whether a slave's record is known to be saved: the ledger then need not hold what it says. Default: none is. */
  isRecorded: (living: LivingSlave) => boolean = () => false;

  private constructor(bus: Bus, entry: Entry<Ledger>, earlier: readonly string[]) {
    this.#bus = bus;
    this.#earlier = earlier;
    this.#entry = entry;
    this.#keys = livingKeys(entry.value);
  }

  /** Puts this process's name and a higher term into the ledger: from now on whoever was named before can write no more. */
  static async takeOver(bus: Bus, master: string, how: TakingOver = {}): Promise<LedgerKeeper> {
    const key = keys.ledger(master);
    const store = how.store === undefined ? {} : { store: how.store };
    const { earlier = [] } = how;
    for (;;) {
      const found = await bus.ledger.get(key);
      if (found !== undefined) {
        refuseStrange(found.value, master);
        if (isOfThePast(found.value, how)) await how.beforeRenewal?.();
      }
      const by = { owner: bus.process, op: randomUUID(), ...store };
      try {
        const entry =
          found === undefined
            ? await bus.ledger.create(key, newLedger({ ...by, master, epoch: newEpoch(earlier) }))
            : await bus.ledger.update(
                found,
                taken(
                  isOfThePast(found.value, how) ? renewed(found.value, newEpoch(earlier, found.value)) : found.value,
                  by,
                ),
              );
        return new LedgerKeeper(bus, entry, earlier);
      } catch (error) {
        // Somebody wrote in between: read again. Each round of this loop follows another process's progress.
        if (!hasCode(error, "already-exists", "stale-revision")) throw error;
      }
    }
  }

  get ledger(): Ledger {
    return this.#entry.value;
  }

  /** A write of it failed: it may have taken place, or another process owns the master. Only taking over anew tells. */
  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  /** Names launches in the ledger. `stale-revision`: another process has taken the master over. */
  async grant(launches: readonly Launch[]): Promise<LivingSlave[]> {
    const { ledger, live } = granted(this.ledger, launches, randomUUID());
    await this.#write(ledger);
    return live;
  }

  /** Takes slaves that are deleted out of the ledger. */
  async release(keysOfSlaves: ReadonlySet<string>): Promise<void> {
    const next = released(this.ledger, keysOfSlaves, randomUUID());
    if (next.live.length === this.ledger.live.length) return;
    await this.#write(next);
  }

  /** Names slaves that were found; under another epoch if its numbers turn out to be behind. */
  async rebuild(found: readonly Found[], isBehind: boolean): Promise<void> {
    const ledger = isBehind ? renewed(this.ledger, newEpoch(this.#earlier, this.ledger)) : this.ledger;
    await this.#write(adopted(ledger, found, randomUUID()));
  }

  /** Whether the ledger names the slave. */
  names(slave: { readonly epoch: string; readonly number: number }): boolean {
    return this.#keys.has(livingKey(slave));
  }

  /** Removes it, with the master that nobody serves any more. `stale-revision`: another process has taken the master over. */
  async discard(): Promise<void> {
    this.#isInDoubt = true;
    await this.#bus.ledger.remove(this.#entry.key, this.#entry.revision);
  }

  async #write(ledger: Ledger): Promise<void> {
    try {
      this.#entry = await this.#bus.ledger.update(this.#entry, shortened(ledger, this.isRecorded));
      this.#keys = livingKeys(this.#entry.value);
    } catch (error) {
      this.#isInDoubt = true;
      throw error;
    }
  }
}

function isOfThePast(ledger: Ledger, { store, isBehind }: TakingOver): boolean {
  return (store !== undefined && isOfAnotherStore(ledger, store)) || isBehind?.(ledger) === true;
}

/** One that the master is not known to have had. */
function newEpoch(earlier: readonly string[], ledger?: Ledger): string {
  const known = new Set([...earlier, ledger?.epoch, ...(ledger?.epochs ?? [])]);
  for (;;) {
    const epoch = epochOf(randomBytes(4));
    if (!known.has(epoch)) return epoch;
  }
}

function refuseStrange(ledger: Ledger, master: string): void {
  if (ledger.version > ledgerVersion)
    throw new KubestackError(
      "not-owner",
      `The ledger of master ${master} was written by a newer release of KubeStack: this process leaves it alone; upgrade it.`,
      { retry: "never" },
    );
  if (ledger.master !== master)
    throw new KubestackError("invalid-message", `The ledger of master ${master} is that of ${ledger.master}.`, {
      retry: "never",
    });
}
