import { randomBytes, randomUUID } from "node:crypto";
import type { Bus, Entry } from "@kubestack/bus";
import { hasCode, keys, type Ledger, type LivingSlave } from "@kubestack/contracts";
import { granted, type Launch, newLedger, released, taken } from "@kubestack/demand";
import { epochOf } from "@kubestack/slave";

/** One master's ledger, as this process holds it. Every change is a compare-and-set on what was read. */
export class LedgerKeeper {
  readonly #bus: Bus;
  #entry: Entry<Ledger>;

  private constructor(bus: Bus, entry: Entry<Ledger>) {
    this.#bus = bus;
    this.#entry = entry;
  }

  /** Puts this process's name and a higher term into the ledger: from now on whoever was named before can write no more. */
  static async takeOver(bus: Bus, master: string): Promise<LedgerKeeper> {
    const key = keys.ledger(master);
    for (;;) {
      const found = await bus.ledger.get(key);
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

  /** Names launches in the ledger. `stale-revision`: another process has taken the master over. */
  async grant(launches: readonly Launch[]): Promise<LivingSlave[]> {
    const { ledger, live } = granted(this.ledger, launches, randomUUID());
    this.#entry = await this.#bus.ledger.update(this.#entry, ledger);
    return live;
  }

  /** Takes slaves that are deleted out of the ledger. */
  async release(numbers: ReadonlySet<number>): Promise<void> {
    const next = released(this.ledger, numbers, randomUUID());
    if (next.live.length === this.ledger.live.length) return;
    this.#entry = await this.#bus.ledger.update(this.#entry, next);
  }
}
