import type { Kept } from "@kubestack/bus";
import type { Demand, DemandSource } from "@kubestack/contracts";
import { isYounger, judgeRound, type RoundMark, usableIntervals, type Verdict } from "@kubestack/demand";

/** A source's newest round, and when the server stored it. */
interface Held {
  readonly source: DemandSource;
  readonly publishedAt: number;
  readonly sequence: number;
}

/** The newest demand of one master, as far as it may be used. */
export class DemandView {
  #held: Held | undefined;
  /** Nothing published before this sequence may launch anything: it was read before this process took over. */
  #launchFrom = Number.POSITIVE_INFINITY;

  /** The youngest round heard of, though it may not be read yet. */
  #heardOf: RoundMark | undefined;
  /** Since when every round has shown the master answering, in one start of it. */
  masterKnownSince: number | undefined;
  #launchedFrom: RoundMark | undefined;

  /** From the start of one round to the next, in milliseconds, as the configuration has it now. */
  intervalMs: number;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  get round(): RoundMark | undefined {
    return this.#held?.source;
  }

  get source(): DemandSource | undefined {
    return this.#held?.source;
  }

  /** When NATS stored the newest round; undefined where there is none. */
  get publishedAt(): number | undefined {
    return this.#held?.publishedAt;
  }

  /** A message has come; it is read in its turn. */
  heardOf(demand: Demand): void {
    const [source] = demand.sources;
    if (source !== undefined && isYounger(source, this.#heardOf)) this.#heardOf = source;
  }

  /** The youngest round that may have begun by now: the one after the last that was heard of is perhaps being read. */
  get mayHaveBegun(): RoundMark | undefined {
    const { term, round } = this.#heardOf ?? this.#held?.source ?? {};
    return term === undefined || round === undefined ? undefined : { term, round: round + 1 };
  }

  /** Whether the newest round has launched nothing yet because it was not usable. */
  get isUnlaunched(): boolean {
    return this.#held !== undefined && isYounger(this.#held.source, this.#launchedFrom);
  }

  /** The newest round's launches are decided. */
  launched(): void {
    this.#launchedFrom = this.#held?.source;
  }

  /** Takes a message in; returns its source if it is younger than what is known. */
  take(message: Kept<Demand>): DemandSource | undefined {
    const [source] = message.data.sources;
    const { publishedAt, sequence } = message;
    // Stored later under a lower sequence: the stream was lost or put back, and neither its terms nor its sequences go on.
    const held = this.#held;
    if (held !== undefined && sequence < held.sequence && publishedAt > held.publishedAt) this.forgetAll();
    if (source === undefined || !isYounger(source, this.#held?.source)) return undefined;
    const silentMs = publishedAt - (this.#held?.publishedAt ?? 0);
    const isUnbroken =
      this.#held?.source.state === "ok" &&
      source.state === "ok" &&
      source.session === this.#held.source.session &&
      silentMs <= usableIntervals * this.intervalMs;
    if (!isUnbroken) this.masterKnownSince = source.state === "ok" ? publishedAt : undefined;
    this.#held = { source, publishedAt, sequence };
    return source;
  }

  /** Rounds with this sequence and later ones were begun after the taking over. */
  launchFrom(sequence: number): void {
    this.#launchFrom = sequence;
  }

  mayLaunch(): boolean {
    return this.#launchFrom !== Number.POSITIVE_INFINITY;
  }

  forget(): void {
    this.#held = undefined;
    this.#launchedFrom = undefined;
    this.masterKnownSince = undefined;
    this.#launchFrom = Number.POSITIVE_INFINITY;
  }

  /** Forgets also what was only heard of: nothing of it goes on. */
  forgetAll(): void {
    this.forget();
    this.#heardOf = undefined;
  }

  /** Whether the newest round may launch anything now. */
  verdict(now: number): Verdict {
    if (this.#held === undefined) return { usable: false, reason: "no round has come yet" };
    if (this.#held.sequence < this.#launchFrom)
      return { usable: false, reason: "waiting for a round begun after taking over" };
    return judgeRound(this.#held.source, { publishedAt: this.#held.publishedAt, now, intervalMs: this.intervalMs });
  }

  /** Whether the master is known to answer: clocks that depend on it run only then. */
  isMasterKnown(now: number): boolean {
    if (this.#held === undefined || this.#held.source.state !== "ok") return false;
    const verdict = judgeRound(
      { ...this.#held.source, quietingDown: false },
      { publishedAt: this.#held.publishedAt, now, intervalMs: this.intervalMs },
    );
    return verdict.usable;
  }
}
