import { randomBytes, randomUUID } from "node:crypto";
import type { Bus, Entry } from "@kubestack/bus";
import { hasCode, KubestackError, keys, type Ledger, type LivingSlave, ledgerVersion } from "@kubestack/contracts";
import { granted, type Launch, newLedger, released, shortened, taken } from "@kubestack/demand";
import { epochOf } from "@kubestack/slave";

/** One master's ledger, as this process holds it. Every change is a compare-and-set on what was read. */
export class LedgerKeeper {
  readonly #bus: Bus;
  #entry: Entry<Ledger>;
  #isInDoubt = false;
  /** Whether a slave's record is known to be saved: the ledger then need not hold what it says. Default: none is. */
  isRecorded: (living: LivingSlave) => boolean = () => false;

  private constructor(bus: Bus, entry: Entry<Ledger>) {
    this.#bus = bus;
    this.#entry = entry;
  }

  /** Puts this process's name and a higher term into the ledger: from now on whoever was named before can write no more. */
  static async takeOver(bus: Bus, master: string): Promise<LedgerKeeper> {
    const key = keys.ledger(master);
    for (;;) {
      const found = await bus.ledger.get(key);
      if (found !== undefined) refuseStrange(found.value, master);
      const by = { owner: bus.process, op: randomUUID() };
      try {
        const entry =
          found === undefined
            ? await bus.ledger.create(key, newLedger({ ...by, master, epoch: epochOf(randomBytes(4)) }))
            : await bus.ledger.update(found, taken(found.value, by));
        return new LedgerKeeper(bus, entry);
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
  async release(numbers: ReadonlySet<number>): Promise<void> {
    const next = released(this.ledger, numbers, randomUUID());
    if (next.live.length === this.ledger.live.length) return;
    await this.#write(next);
  }

  async #write(ledger: Ledger): Promise<void> {
    try {
      this.#entry = await this.#bus.ledger.update(this.#entry, shortened(ledger, this.isRecorded));
    } catch (error) {
      this.#isInDoubt = true;
      throw error;
    }
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
