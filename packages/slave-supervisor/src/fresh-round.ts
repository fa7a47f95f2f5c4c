import { commands, sentenceOf } from "@kubestack/contracts";
import type { MasterScope } from "./master-scope.ts";

/** A collector that did not answer is asked again after this time, in milliseconds. */
const retryMs = 1000;
/** A round takes no longer than this, in milliseconds. */
const roundMs = 10_000;

/** Launching waits for a round that began after the taking over; it is asked for, never computed. */
export class FreshRound {
  readonly #scope: MasterScope;
  readonly #onRound: () => void;
  #askedAt: number | undefined;
  /** Why there is none yet, as a sentence; empty where nothing went wrong. */
  problem = "";

  /** `onRound` is told when there is one. */
  constructor(scope: MasterScope, onRound: () => void) {
    this.#scope = scope;
    this.#onRound = onRound;
  }

  /** Asks for one, again and again, until there is one. */
  keepAsking(now: number): void {
    if (this.#scope.demand.mayLaunch()) return;
    if (this.#askedAt !== undefined && now - this.#askedAt < retryMs) return;
    this.#askedAt = now;
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const { bus, name: master } = this.#scope.options;
    const askedFor = this.#scope.ledger;
    try {
      const { sequence } = await bus.request(commands.freshRound, { master }, { master, timeoutMs: roundMs });
      this.problem = "";
      // A round begun before this process took over anew launches nothing.
      if (sequence === 0 || this.#scope.ledger !== askedFor) return;
      this.#scope.demand.launchFrom(sequence);
      this.#onRound();
    } catch (error) {
      this.problem = `no fresh round yet: ${sentenceOf(error)}`;
    }
  }
}
