import type { Predecessor } from "@kubestack/bus";

/** What is told of the process whose a master was before; empty where that is not known. */
export interface Forerun {
  readonly predecessor?: string;
  /** How long ago it gave its last sign, in milliseconds. */
  readonly lastSignMs?: number;
  /** Why it could not do its work, in words that go after its name; absent where it could. */
  readonly predecessorUnable?: string;
}

/** Who held a master's lease before this process, until that is told. */
export class Forerunner {
  readonly #monotonic: () => number;
  #known: { readonly predecessor: Predecessor; readonly signAt: number } | undefined;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** The lease was got, from this one if anybody is known. */
  before(predecessor: Predecessor | undefined): void {
    this.#known = predecessor && { predecessor, signAt: this.#monotonic() - predecessor.silentMs };
  }

  /** What there is to tell, once. */
  told(): Forerun {
    const known = this.#known;
    this.#known = undefined;
    if (known === undefined) return {};
    const { process, unable } = known.predecessor;
    const told = { predecessor: process, lastSignMs: Math.round(this.#monotonic() - known.signAt) };
    return unable === "" ? told : { ...told, predecessorUnable: unable };
  }
}

/** Why a master has another owner now, as a sentence without its stop. */
export function ownerChange(process: string, { predecessor, predecessorUnable }: Forerun): string {
  const why = predecessorUnable === undefined ? "" : `: ${predecessor} ${predecessorUnable}`;
  return `${process} supervises it now${why}`;
}
