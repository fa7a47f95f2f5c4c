import type { CapacityDecision, CapacitySituation, PoolTarget, WantedPods } from "@kubestack/capacity";
import { toldNames } from "@kubestack/contracts";
import type { Meter } from "@kubestack/metrics";
import type { Timing } from "@kubestack/runtime";
import type { Wanted } from "../targets/target.ts";
import type { ToldOnce } from "../told-once.ts";
import type { Acted, PoolActor } from "./pool-actor.ts";
import type { PoolNews } from "./pool-news.ts";
import type { Refusal } from "./refusal.ts";

/** So often in a row a target may not be reached before another pool is asked. */
const mostMissed = 3;
/** After the first time it is left alone for so long, in milliseconds; after the next one twice as long. */
const missedMs = 3_000;

export interface RaisingOptions {
  readonly actors: ReadonlyMap<string, PoolActor>;
  readonly news: PoolNews;
  readonly told: ToldOnce;
  readonly timing: Timing;
  readonly meter: Meter | undefined;
  /** NATS's time. */
  readonly now: () => number;
  /** Told when an act is over. */
  readonly onNews: () => void;
}

/** What is to be acted by. */
export interface Acting {
  readonly situation: CapacitySituation;
  readonly decision: CapacityDecision;
  /** How many nodes a pool is to have. */
  readonly sizeOf: (pool: string) => number;
  /** Since when it was news, on the monotonic clock. */
  readonly newsAt: number;
}

/** Has targets asked for what was decided: once each, again where they could not be reached, and no more where they will not. */
export class Raising {
  readonly #options: RaisingOptions;
  #refusals: readonly Refusal[] = [];
  /** When that was asked which a pool's target took last, in milliseconds of NATS's time. */
  readonly #takenAt = new Map<string, number>();
  /** What was last asked of a pool that remembers nothing of it: of headroom, and where it is only said. */
  readonly #said = new Map<string, string>();
  /** Before this, on the monotonic clock, a target that could not be reached is not tried again. */
  readonly #retryAt = new Map<string, number>();
  /** How often in a row a target could not be reached. */
  readonly #missed = new Map<string, number>();

  constructor(options: RaisingOptions) {
    this.#options = options;
  }

  /** What was not taken, and is not remembered yet. */
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /** These are remembered now. */
  remembered(refusals: readonly Refusal[]): void {
    this.#refusals = this.#refusals.filter((one) => !refusals.includes(one));
  }

  /** Somebody may have changed what targets were asked for: they are asked how they stand before it is believed again. */
  forget(): void {
    for (const pool of this.#said.keys()) if (!this.isDry(pool)) this.#said.delete(pool);
    for (const actor of this.#options.actors.values()) actor.wanted = null;
  }

  /** Of such a pool everything is only said. */
  isDry(pool: string): boolean {
    return this.#options.actors.get(pool)?.config.target.dryRun !== false;
  }

  act(acting: Acting): void {
    for (const target of acting.decision.targets) this.#raiseTo(target, acting);
    for (const [pool, { config }] of this.#options.actors)
      if (config.target.type === "headroom") this.#makeRoom(pool, { most: config.target.maxPods, acting });
  }

  #raiseTo({ pool, present, coming, ask, reason, pods: names }: PoolTarget, acting: Acting): void {
    const { now } = acting.situation;
    const size = acting.sizeOf(pool);
    const known = this.#options.actors.get(pool)?.wanted ?? -1;
    // What was written down and not asked for, by whoever, is asked for now.
    if (ask === 0 && (coming === 0 || known >= size)) return;
    const begin = () => this.#raise(pool, { size, pods: [], reason }, acting);
    if (this.isDry(pool)) {
      this.#once(pool, String(size), begin);
      return;
    }
    const pods = names.slice(0, toldNames);
    if (ask > 0)
      this.#options.news.tell({ pool, event: "planned", reason, from: present + coming, to: size, pods, at: now });
    begin();
  }

  #makeRoom(pool: string, { most, acting }: { readonly most: number; readonly acting: Acting }): void {
    const { situation, decision } = acting;
    const pods = situation.wanted.filter(({ needs }) => needs.pools?.includes(pool) ?? decision.targets.length === 0);
    const size = Math.min(most, sizeOf(pods));
    const shapes = JSON.stringify(pods.map(({ needs, names }) => [needs, names.length]));
    const reason = `${size} slaves are planned and have no pod yet`;
    this.#once(pool, shapes, () => this.#raise(pool, { size, pods, reason }, acting));
  }

  /** The same is asked for once, until all is looked at anew. */
  #once(pool: string, what: string, begin: () => boolean): void {
    if (this.#said.get(pool) !== what && begin()) this.#said.set(pool, what);
  }

  /** Says whether it could begin: another act of the pool may be under way. */
  #raise(pool: string, wanted: Wanted, { situation, newsAt }: Acting): boolean {
    const { actors, meter, timing, onNews } = this.#options;
    const actor = actors.get(pool);
    if (actor === undefined || actor.isBusy || timing.monotonic() < (this.#retryAt.get(pool) ?? 0)) return false;
    actor.raise(wanted, (acted) => {
      meter?.add("capacity_scalings_total", { pool, outcome: acted.kind });
      if (acted.kind === "done")
        meter?.observe("capacity_reaction_seconds", { pool }, (timing.monotonic() - newsAt) / 1000);
      this.#acted(pool, acted, { wanted, now: situation.now });
      // What was decided meanwhile could not be asked for.
      onNews();
    });
    return true;
  }

  #acted(pool: string, acted: Acted, { wanted, now }: { readonly wanted: Wanted; readonly now: number }): void {
    const { told, news } = this.#options;
    told.tell(`pool ${pool}`, acted.kind === "failed" ? acted.because : "");
    if (acted.kind === "failed") {
      this.#failed(pool, acted);
      return;
    }
    this.#missed.delete(pool);
    this.#takenAt.set(pool, now);
    if (acted.kind === "nothing" || acted.from === acted.to) return;
    const event = { pool, reason: wanted.reason, from: acted.from, to: acted.to, at: this.#options.now() };
    if (acted.kind === "done") news.tell({ ...event, event: "scaled" });
    else news.tell({ ...event, event: "planned", isDryRun: true });
  }

  /** What passes by itself is tried again by later passes; what does not, or lasts, has another pool asked. */
  #failed(pool: string, { because, isHard }: Acted & { readonly kind: "failed" }): void {
    const missed = (this.#missed.get(pool) ?? 0) + 1;
    this.#said.delete(pool);
    if (!isHard && missed < mostMissed) {
      this.#missed.set(pool, missed);
      this.#retryAt.set(pool, this.#options.timing.monotonic() + missed * missedMs);
      return;
    }
    this.#missed.delete(pool);
    this.#retryAt.set(pool, this.#options.timing.monotonic() + missedMs);
    this.#refusals = [...this.#refusals, { pool, after: this.#takenAt.get(pool) ?? 0, because }];
  }
}

function sizeOf(pods: readonly WantedPods[]): number {
  return pods.reduce((sum, { names }) => sum + names.length, 0);
}
