import { hasCode } from "@kubestack/contracts";
import type { Timing } from "@kubestack/runtime";
import { afterOperation, firstRate, type NodeRate } from "./node-rate.ts";

export type NodeWork = "make" | "remove";

export interface NodeBudgetOptions {
  /** Operations a second; `auto` finds out what the master bears. */
  readonly perSecond: number | "auto";
  readonly timing: Timing;
  /** Whether nodes that go make room for what is wanted: then they go first. Otherwise the two kinds take turns. */
  readonly removesFirst: () => boolean;
}

interface Waiting {
  begin(): Promise<void>;
}

/** So many may be begun at once after a quiet time. */
const burst = 20;
/** So many are under way at once at most: the master does one after the other anyway. */
const atOnce = 4;

/**
 * The one budget of a master for making and removing nodes: each of them takes the lock of the master's queue, so that
 * too many at a time freeze it for everybody. Neither kind starves the other, and reading has no part in it.
 */
export class NodeBudget {
  readonly #options: NodeBudgetOptions;
  readonly #waiting: Readonly<Record<NodeWork, Waiting[]>> = { make: [], remove: [] };
  readonly #closing = new AbortController();
  #perSecond: number | "auto";
  #rate: NodeRate;
  #tokens = burst;
  #filledAt: number;
  #underWay = 0;
  #last: NodeWork = "remove";
  #isPumping = false;

  constructor(options: NodeBudgetOptions) {
    this.#options = options;
    this.#perSecond = options.perSecond;
    this.#rate = rateOf(options.perSecond);
    this.#filledAt = options.timing.monotonic();
  }

  /** Operations a second, as of now. */
  get perSecond(): number {
    return this.#rate.perSecond;
  }

  /** Operations that wait for their turn. */
  get waiting(): number {
    return this.#count();
  }

  /** Another rate from now on; `auto` goes on with what was found out, if it was `auto` before. */
  change(perSecond: number | "auto"): void {
    if (perSecond === this.#perSecond) return;
    this.#perSecond = perSecond;
    this.#rate = rateOf(perSecond);
  }

  /** Does the work in its turn; resolves or rejects as it does. */
  run<T>(kind: NodeWork, work: () => Promise<T>): Promise<T> {
    const done = Promise.withResolvers<T>();
    this.#waiting[kind].push({ begin: () => this.#measured(work).then(done.resolve, done.reject) });
    void this.#pump();
    return done.promise;
  }

  /** From now on nobody waits: what is still asked for finds out by itself that it is not wanted any more. */
  close(): void {
    this.#closing.abort();
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#underWay < atOnce && this.#count() > 0) {
      const waitMs = this.#untilToken();
      if (waitMs > 0) {
        await this.#options.timing.sleep(waitMs, this.#closing.signal);
        continue;
      }
      const next = this.#next();
      if (next === undefined) break;
      this.#tokens -= 1;
      this.#underWay += 1;
      void next.begin().finally(() => {
        this.#underWay -= 1;
        void this.#pump();
      });
    }
    this.#isPumping = false;
  }

  async #measured<T>(work: () => Promise<T>): Promise<T> {
    const { timing } = this.#options;
    const beganAt = timing.monotonic();
    let failed = false;
    try {
      return await work();
    } catch (error) {
      failed = hasCode(error, "master-unavailable", "throttled");
      throw error;
    } finally {
      const at = timing.monotonic();
      const seen = { tookMs: at - beganAt, failed, othersWaited: this.#count() > 0, at };
      if (this.#perSecond === "auto") this.#rate = afterOperation(this.#rate, seen);
    }
  }

  /** Milliseconds until the next one may begin. */
  #untilToken(): number {
    if (this.#closing.signal.aborted) return 0;
    const now = this.#options.timing.monotonic();
    const { perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) * perSecond) / 1000);
    this.#filledAt = now;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / perSecond);
  }

  #next(): Waiting | undefined {
    const { make, remove } = this.#waiting;
    const isRemoval = remove.length > 0 && (make.length === 0 || this.#last === "make" || this.#options.removesFirst());
    this.#last = isRemoval ? "remove" : "make";
    return isRemoval ? remove.shift() : make.shift();
  }

  #count(): number {
    return this.#waiting.make.length + this.#waiting.remove.length;
  }
}

function rateOf(perSecond: number | "auto"): NodeRate {
  return perSecond === "auto" ? firstRate : { ...firstRate, perSecond };
}
