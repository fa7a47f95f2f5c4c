import type { Kept } from "@kubestack/bus";
import type { Demand, DemandSource } from "@kubestack/contracts";
import { isYounger, judgeRound, type RoundMark, usableIntervals, type Verdict } from "@kubestack/demand";

/** A source's newest round, and when the server stored it. */
interface Held {
  readonly source: DemandSource;
  readonly publishedAt: number;
  readonly sequence: number;
}

/** A source, and whether its newest round may launch anything now. */
export interface SourceStanding {
  readonly source: DemandSource;
  readonly verdict: Verdict;
}

/** The newest demand of one master, as far as it may be used. Each of its sources has rounds of its own. */
export class DemandView {
  /** Of the first source: the one that shows the master's computers, where any does. */
  #held: Held | undefined;
  #others: ReadonlyMap<string, Held> = new Map();
  /** Nothing published before this sequence may launch anything: it was read before this process took over. */
  #launchFrom = Number.POSITIVE_INFINITY;

  /** The youngest round heard of, though it may not be read yet. */
  #heardOf: ReadonlyMap<string, RoundMark> = new Map();
  /** Since when every round has shown the master answering, in one start of it. */
  masterKnownSince: number | undefined;
  /** Whether a round has come that has launched nothing yet. */
  #isUnlaunched = false;

  /** From the start of one round to the next, in milliseconds, as the configuration has it now. */
  intervalMs: number;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  get source(): DemandSource | undefined {
    return this.#held?.source;
  }

  /** When NATS stored the newest round; undefined where there is none. */
  get publishedAt(): number | undefined {
    return this.#held?.publishedAt;
  }

  /** A message has come; it is read in its turn. */
  heardOf({ sources }: Demand): void {
    this.#heardOf = new Map(
      sources.map((source) => {
        const known = this.#heardOf.get(source.name);
        return [source.name, isYounger(source, known) ? source : (known ?? source)];
      }),
    );
  }

  /**
   * The youngest round of a source that may have begun by now: the one after the last that was heard of is perhaps being read.
   * Default: of the first source.
   */
  mayHaveBegun(name?: string): RoundMark | undefined {
    const held = this.#sourceOf(name);
    const { term, round } =
      this.#heardOf.get(held?.source.name ?? "") ?? held?.source ?? this.#firstHeardOf(name) ?? {};
    return term === undefined || round === undefined ? undefined : { term, round: round + 1 };
  }

  #firstHeardOf(name: string | undefined): RoundMark | undefined {
    return name === undefined ? [...this.#heardOf.values()][0] : this.#heardOf.get(name);
  }

  /** The newest round of a source; of the first one where it is not told, or not there any more. */
  roundOf(name?: string): RoundMark | undefined {
    return this.#sourceOf(name)?.source;
  }

  #sourceOf(name: string | undefined): Held | undefined {
    return (name === undefined ? undefined : this.#others.get(name)) ?? this.#held;
  }

  /** Whether the newest rounds have launched nothing yet because they were not usable. */
  get isUnlaunched(): boolean {
    return this.#held !== undefined && this.#isUnlaunched;
  }

  /** The newest rounds' launches are decided. */
  launched(): void {
    this.#isUnlaunched = false;
  }

  /** Takes a message in; returns its first source if that is younger than what is known. */
  take(message: Kept<Demand>): DemandSource | undefined {
    const [source, ...others] = message.data.sources;
    const { publishedAt, sequence } = message;
    // Stored later under a lower sequence: the stream was lost or put back, and neither its terms nor its sequences go on.
    const held = this.#held;
    if (held !== undefined && sequence < held.sequence && publishedAt > held.publishedAt) this.forgetAll();
    this.#takeOthers(others, message);
    if (source === undefined || !isYounger(source, this.#held?.source)) return undefined;
    this.#isUnlaunched = true;
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

  /** A message says what each source showed last: only what is new in it is as young as the message. */
  #takeOthers(sources: readonly DemandSource[], { publishedAt, sequence }: Kept<Demand>): void {
    this.#others = new Map(
      sources.map((source) => {
        const known = this.#others.get(source.name);
        if (known !== undefined && !isYounger(source, known.source)) return [source.name, known];
        this.#isUnlaunched = true;
        return [source.name, { source, publishedAt, sequence }];
      }),
    );
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
    this.#others = new Map();
    this.#isUnlaunched = false;
    this.masterKnownSince = undefined;
    this.#launchFrom = Number.POSITIVE_INFINITY;
  }

  /** Forgets also what was only heard of: nothing of it goes on. */
  forgetAll(): void {
    this.forget();
    this.#heardOf = new Map();
  }

  /** Whether the first source's newest round may launch anything now. */
  verdict(now: number): Verdict {
    return this.#judge(this.#held, now, this.intervalMs);
  }

  /** Every source, the first one first, and whether its newest round may launch anything now. */
  standings(now: number): SourceStanding[] {
    const first = this.#held === undefined ? [] : [{ source: this.#held.source, verdict: this.verdict(now) }];
    const others = [...this.#others.values()].map((held) => ({
      source: held.source,
      verdict: this.#judge(held, now, held.source.intervalMs ?? this.intervalMs),
    }));
    return [...first, ...others];
  }

  #judge(held: Held | undefined, now: number, intervalMs: number): Verdict {
    if (held === undefined) return { usable: false, reason: "no round has come yet" };
    if (held.sequence < this.#launchFrom)
      return { usable: false, reason: "waiting for a round begun after taking over" };
    return judgeRound(held.source, { publishedAt: held.publishedAt, now, intervalMs });
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
