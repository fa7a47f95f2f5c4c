import { type DemandSource, hasCode, KubestackError, sentenceOf } from "@kubestack/contracts";
import { backoffMs, type Timing } from "@kubestack/runtime";
import type { DemandListener } from "./listeners/listener.ts";

/** How long to wait between tries while a source refuses us, or answers what nobody can read. */
const failing = { leastMs: 1000, mostMs: 30_000 };
/**
 * The same while it does not answer at all. It may be started anew; agents come back by themselves when it is up, and get
 * what waits in that moment. Builds that are over before the next round are seen by nobody.
 */
const away = { leastMs: 1000, mostMs: 5_000 };
/** Longer than this no source is left alone, whatever it asks for. */
const longestPauseMs = 5 * 60_000;

/** One round of one source; `term` is given to it when it is published. */
export interface Round {
  readonly source: DemandSource;
  /** What reading it raised; undefined where it answered. */
  readonly error?: unknown;
  readonly tookMs: number;
}

/** Reads one source, round after round, and says when the next is due. */
export class SourceReader {
  readonly #listener: DemandListener;
  readonly #timing: Timing;
  readonly #now: () => number;
  #latest: DemandSource;
  #round = 0;
  #failures = 0;
  #nextAt = 0;
  /** How often it was told that reading is worth it. */
  #changes = 0;

  /** `now` is NATS's time in milliseconds. */
  constructor(listener: DemandListener, { timing, now }: { timing: Timing; now: () => number }) {
    this.#listener = listener;
    this.#timing = timing;
    this.#now = now;
    this.#latest = this.#unknown({ code: "not-read", message: `${listener.name} was not read yet` }, now());
  }

  /** What it showed last. */
  get latest(): DemandSource {
    return this.#latest;
  }

  /** When its next round is due, by the monotonic clock. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** Calls `wake` when its next round is due sooner than it said. Returns what ends that. */
  watch(wake: () => void): () => void {
    const end = this.#listener.watch?.(() => {
      this.#changes += 1;
      this.#nextAt = 0;
      wake();
    });
    return end ?? (() => undefined);
  }

  /** Rounds in a row that failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Nothing is read any more. */
  close(): void {
    this.#listener.close?.();
  }

  async read(): Promise<Round> {
    const started = this.#timing.monotonic();
    const readAt = this.#now();
    this.#round += 1;
    const { name, intervalMs } = this.#listener;
    const changes = this.#changes;
    try {
      const reading = await this.#listener.observe();
      this.#latest = { name, term: 0, round: this.#round, state: "ok", intervalMs, ...reading };
      this.#failures = 0;
      this.#nextAt = this.#dueAfter(changes, started + intervalMs);
      return { source: this.#latest, tookMs: this.#timing.monotonic() - started };
    } catch (error) {
      this.#failures += 1;
      // A try that took long has burdened it long enough: the pause begins after it.
      const pausedUntil = this.#timing.monotonic() + this.#pauseAfter(error);
      this.#nextAt = this.#dueAfter(changes, Math.max(started + intervalMs, pausedUntil));
      this.#latest = this.#unknown(problemOf(error), readAt);
      return { source: this.#latest, error, tookMs: this.#timing.monotonic() - started };
    }
  }

  /** What changed while it was read may have come too late for that reading: then the next is due at once. */
  #dueAfter(changes: number, due: number): number {
    return this.#changes === changes ? due : 0;
  }

  #unknown(problem: NonNullable<DemandSource["problem"]>, readAt: number): DemandSource {
    const { name, intervalMs } = this.#listener;
    const nothing = { session: null, quietingDown: false, items: [] };
    const common = { name, term: 0, round: this.#round, state: "unknown" as const, problem, intervalMs };
    return { ...common, readAt, queueReadAt: readAt, ...nothing };
  }

  /** A source that said when to come again is obeyed; any other is asked again with back-off. */
  #pauseAfter(failure: unknown): number {
    const retry = failure instanceof KubestackError ? failure.retry : "backoff";
    if (typeof retry === "object") return Math.min(retry.afterMs, longestPauseMs);
    const limits = hasCode(failure, "master-unavailable") ? away : failing;
    return backoffMs(this.#failures, limits, this.#timing.random());
  }
}

function problemOf(error: unknown): { code: string; message: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unexpected";
  return { code, message: sentenceOf(error).slice(0, 4096) };
}
