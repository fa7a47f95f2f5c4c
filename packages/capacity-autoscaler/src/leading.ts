import type { Bus } from "@kubestack/bus";
import type { CapacityDecision, CapacitySituation, ScaleDownDecision } from "@kubestack/capacity";
import {
  type CapacityEvent,
  channels,
  type PoolMemory,
  type Removal,
  sentenceOf,
  subjects,
  toldNames,
} from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import type { Meter } from "@kubestack/metrics";
import { backoffMs, type Logger, type Timing } from "@kubestack/runtime";
import { happenedTo, removedFrom } from "./acting/happened.ts";
import { type Acted, PoolActor } from "./acting/pool-actor.ts";
import { afterRefusal, type Refusal } from "./acting/refusal.ts";
import { Removing } from "./acting/removing.ts";
import type { Deciding } from "./deciding.ts";
import { KeptPools } from "./keeping/kept-pools.ts";
import { limitsOf, poolOf } from "./pools/pool-of.ts";
import type { CapacitySettings } from "./settings.ts";
import type { GuardedTarget } from "./targets/guarded.ts";
import type { Wanted } from "./targets/target.ts";
import { ToldOnce } from "./told-once.ts";
import { ClusterView } from "./view/cluster-view.ts";
import { Plans } from "./view/plans.ts";
import { SlaveUses } from "./view/slave-uses.ts";

/** Every pass is made at least so often, in milliseconds, whatever is or is not told. */
const levelMs = 3_000;
/** From one pass to the next, in milliseconds: what is told meanwhile is seen by the next one, whole. */
const leastMs = 20;
/** What was planned is read whole so often, in milliseconds: a message may be lost. */
const readMs = 15_000;
/** So often in a row a target may not be reached before another pool is asked. */
const mostMissed = 3;
const retries = { leastMs: 500, mostMs: 15_000 } as const;

export interface LeadingOptions {
  readonly install: string;
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly log: Logger;
  readonly timing: Timing;
  readonly meter: Meter | undefined;
  readonly settings: CapacitySettings;
  readonly deciding: Deciding;
  /** Whether this process still decides: asked before each act. */
  readonly isHeld: () => boolean;
  readonly connect: (pool: CapacitySettings["nodePools"][number]) => GuardedTarget;
}

/** All that one pass decided, and from what. */
interface Decided {
  readonly situation: CapacitySituation;
  readonly decision: CapacityDecision;
  readonly down: ScaleDownDecision;
}

/** What is acted by. */
interface Acting {
  readonly situation: CapacitySituation;
  /** Since when it was news, on the monotonic clock. */
  readonly newsAt: number;
}

/** What the process that decides knows of the pools now. */
export interface Known {
  readonly decision: CapacityDecision | undefined;
  readonly situation: CapacitySituation | undefined;
  readonly actors: ReadonlyMap<string, PoolActor>;
  readonly lastEvents: ReadonlyMap<string, CapacityEvent>;
  readonly removals: readonly Removal[];
}

/**
 * The work of the one process that decides on the cluster's node pools: it looks at all there is, at once where something is new and
 * every few seconds anyway; writes down what it is about to ask for; and has its targets asked.
 */
export class Leading {
  readonly #options: LeadingOptions;
  readonly #view: ClusterView;
  readonly #plans: Plans;
  readonly #kept: KeptPools;
  readonly #told: ToldOnce;
  readonly #slaves: SlaveUses;
  readonly #removing: Removing;
  readonly #actors: ReadonlyMap<string, PoolActor>;
  readonly #lastEvents = new Map<string, CapacityEvent>();
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #waking = new AbortController();
  /** Since when something is new that no pass has seen, on the monotonic clock. */
  #newsAt: number | undefined;
  #refusals: Refusal[] = [];
  /** When that was asked which a pool's target took last, in milliseconds of NATS's time. */
  readonly #takenAt = new Map<string, number>();
  /** What was last asked of a pool that keeps nothing of it: of headroom, and where it is only said. */
  readonly #said = new Map<string, string>();
  /** Before this, on the monotonic clock, a target that could not be reached is not tried again. */
  readonly #retryAt = new Map<string, number>();
  /** How often in a row a target could not be reached. */
  readonly #missed = new Map<string, number>();
  #isRead = false;
  #plansReadAt = Number.NEGATIVE_INFINITY;
  #decision: CapacityDecision | undefined;
  #situation: CapacitySituation | undefined;
  #removals: readonly Removal[] = [];

  constructor(options: LeadingOptions) {
    this.#options = options;
    const { bus, cluster, install, log, settings, connect } = options;
    const onNews = (): void => this.#wake();
    this.#told = new ToldOnce(log);
    this.#actors = new Map(settings.nodePools.map((pool) => [pool.name, new PoolActor(pool, connect(pool))]));
    this.#kept = new KeptPools(bus.pools);
    this.#plans = new Plans(bus, onNews);
    this.#slaves = new SlaveUses(bus, onNews);
    this.#view = new ClusterView({
      cluster,
      install,
      onNews,
      onError: (error) => log.debug(`the cluster could not be watched: ${sentenceOf(error)}`),
    });
    this.#removing = new Removing({
      ...{ install, bus, cluster, onNews, timing: options.timing, isHeld: options.isHeld },
      ...{ slaves: this.#slaves, actors: this.#actors },
      nodeOf: (name) => this.#view.node(name),
      tell: (of, sentence) => this.#told.tell(of, sentence),
    });
    this.#running = this.#run();
  }

  /** What is wrong now, each thing as a sentence. */
  get troubles(): readonly string[] {
    return this.#told.all;
  }

  get known(): Known {
    return {
      decision: this.#decision,
      situation: this.#situation,
      actors: this.#actors,
      lastEvents: this.#lastEvents,
      removals: this.#removals,
    };
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#waking.abort();
    this.#plans.stop();
    this.#slaves.stop();
    await this.#running;
    await this.#removing.settled();
    await Promise.all([...this.#actors.values()].map((actor) => actor.close()));
    await this.#view.stop();
  }

  #wake(): void {
    this.#newsAt ??= this.#options.timing.monotonic();
    this.#waking.abort();
  }

  async #run(): Promise<void> {
    const { timing } = this.#options;
    let failures = 0;
    while (!this.#ending.signal.aborted) {
      this.#waking = new AbortController();
      const newsAt = this.#newsAt ?? timing.monotonic();
      this.#newsAt = undefined;
      try {
        await this.#pass(newsAt);
        failures = 0;
        this.#told.tell("deciding on node pools", "");
      } catch (error) {
        failures += 1;
        this.#isRead = false;
        this.#told.tell("deciding on node pools", `the node pools stay as they are: ${sentenceOf(error)}`);
      }
      const pauseMs = failures === 0 ? leastMs : backoffMs(failures, retries, timing.random());
      await timing.sleep(pauseMs, this.#ending.signal);
      await timing.sleep(levelMs, AbortSignal.any([this.#waking.signal, this.#ending.signal]));
    }
  }

  async #pass(newsAt: number): Promise<void> {
    const { bus, deciding, timing, meter, isHeld } = this.#options;
    const { trouble } = this.#view;
    this.#told.tell("the cluster", trouble);
    // What is not known is not nothing: no pool gets larger or smaller by it.
    if (trouble !== "" || !isHeld()) return;
    await this.#read();
    const now = bus.clock.now();
    const begun = timing.monotonic();
    const situation = this.#situationAt(now);
    const decision = deciding.decide(situation);
    meter?.observe("capacity_decision_duration_seconds", {}, (timing.monotonic() - begun) / 1000);
    if (!isHeld()) return;
    const down = deciding.decideRemovals({
      ...situation,
      ...{ expecting: decision.expecting, kept: decision.kept, removals: situation.removals ?? [] },
      ...{ slaves: this.#slaves.uses(), looks: this.#removing.looks, canRemove: (pool) => this.#canRemove(pool) },
    });
    await this.#remember({ situation, decision, down });
    [this.#situation, this.#decision, this.#removals] = [situation, decision, down.removals];
    if (!isHeld()) return;
    this.#removing.carryOut(down.intents, (pool) => this.#sizeOf(pool));
    this.#act(decision, { situation, newsAt });
  }

  async #read(): Promise<void> {
    const { timing, log } = this.#options;
    const isDue = timing.monotonic() - this.#plansReadAt >= readMs;
    if (!this.#isRead) await this.#kept.read((problem) => log.error(problem.message));
    if (!this.#isRead || isDue) {
      await Promise.all([this.#plans.read(), this.#slaves.read()]);
      // Somebody may have changed what was asked for.
      for (const pool of this.#said.keys()) if (!this.#isDry(pool)) this.#said.delete(pool);
      for (const actor of this.#actors.values()) actor.wanted = null;
      this.#plansReadAt = timing.monotonic();
    }
    this.#isRead = true;
  }

  #situationAt(now: number): CapacitySituation {
    const { settings, deciding } = this.#options;
    const pools = settings.nodePools.flatMap((pool) => poolOf(pool) ?? []);
    const pods = this.#view.pods();
    const refusals = this.#refusals.splice(0);
    const memories = new Map<string, PoolMemory>();
    for (const { name } of pools) {
      const { memory } = this.#kept.of(name);
      const its = refusals.filter(({ pool }) => pool === name);
      memories.set(
        name,
        its.reduce((so, refusal) => afterRefusal(so, refusal, now), memory),
      );
    }
    return {
      pools,
      limits: limitsOf(settings.capacity),
      nodes: this.#view.nodes(settings.nodePools),
      pods,
      wanted: deciding.wantedOf(this.#plans.now(now), pods),
      memories,
      removals: pools.flatMap(({ name }) => this.#kept.of(name).removals),
      now,
    };
  }

  /** A node is only ever removed by its name, and not where it would only be said. */
  #canRemove(pool: string): boolean {
    return !this.#isDry(pool) && this.#actors.get(pool)?.canRemoveByName === true;
  }

  /** How many nodes a pool is to have without those that are being removed. */
  #sizeOf(pool: string): number {
    const size = this.#decision?.targets.find((target) => target.pool === pool)?.size ?? 0;
    return Math.max(0, size - this.#goingOf(pool).length);
  }

  /** Its nodes that are being removed and still there. */
  #goingOf(pool: string): readonly Removal[] {
    return this.#removals.filter((removal) => removal.pool === pool && removal.step === "removing");
  }

  /** Written down before anything is asked for; of a pool that is only watched nothing is. */
  async #remember({ situation, decision, down }: Decided): Promise<void> {
    const { now } = situation;
    const ofPool = Map.groupBy(down.removals, ({ pool }) => pool);
    const changed = [...decision.memories].flatMap(([pool, memory]) =>
      this.#isDry(pool) ? [] : [{ pool, memory, removals: ofPool.get(pool) ?? [], before: this.#kept.of(pool) }],
    );
    await Promise.all(changed.map(({ pool, memory, removals }) => this.#kept.save(pool, { memory, removals })));
    for (const { pool, memory, removals, before } of changed) {
      for (const event of happenedTo(pool, { before: before.memory, after: memory }, now)) this.#tell(event);
      const removed = removedFrom(pool, { before: before.removals, after: removals }, now);
      if (removed !== undefined) this.#tell(removed);
    }
  }

  #act({ targets }: CapacityDecision, of: Acting): void {
    const { settings } = this.#options;
    const { now, wanted } = of.situation;
    for (const { pool, present, coming, ask, reason, pods } of targets) {
      const size = this.#sizeOf(pool);
      const known = this.#actors.get(pool)?.wanted ?? -1;
      // What was written down and not asked for, by whoever, is asked for now.
      if (ask === 0 && (coming === 0 || known >= size)) continue;
      if (ask > 0)
        this.#plan({
          pool,
          event: "planned",
          reason,
          from: present + coming,
          to: size,
          pods: pods.slice(0, toldNames),
          at: now,
        });
      if (this.#isDry(pool)) this.#once(pool, String(size), () => this.#raise(pool, { size, pods: [], reason }, of));
      else this.#raise(pool, { size, pods: [], reason }, of);
    }
    for (const { name, target } of settings.nodePools) {
      if (target.type !== "headroom") continue;
      const pods = wanted.filter(({ needs }) => needs.pools?.includes(name) ?? targets.length === 0);
      const shapes = JSON.stringify(pods.map(({ needs, names }) => [needs, names.length]));
      const size = Math.min(
        target.maxPods,
        pods.reduce((sum, { names }) => sum + names.length, 0),
      );
      const reason = `${size} slaves are planned and have no pod yet`;
      this.#once(name, shapes, () => this.#raise(name, { size, pods, reason }, of));
    }
  }

  #isDry(pool: string): boolean {
    return this.#actors.get(pool)?.config.target.dryRun !== false;
  }

  #plan(event: CapacityEvent): void {
    if (!this.#isDry(event.pool)) this.#tell(event);
  }

  /** The same is asked for once, until all is looked at anew. */
  #once(pool: string, what: string, begin: () => boolean): void {
    if (this.#said.get(pool) !== what && begin()) this.#said.set(pool, what);
  }

  /** Says whether it could begin: another act of the pool may be under way. */
  #raise(pool: string, wanted: Wanted, { situation, newsAt }: Acting): boolean {
    const actor = this.#actors.get(pool);
    if (actor === undefined || actor.isBusy) return false;
    if (this.#options.timing.monotonic() < (this.#retryAt.get(pool) ?? 0)) return false;
    actor.raise(wanted, (acted) => {
      const { meter, timing } = this.#options;
      meter?.add("capacity_scalings_total", { pool, outcome: acted.kind });
      if (acted.kind === "done")
        meter?.observe("capacity_reaction_seconds", { pool }, (timing.monotonic() - newsAt) / 1000);
      this.#acted(pool, acted, { wanted, now: situation.now });
      // What was decided meanwhile could not be asked for.
      this.#wake();
    });
    return true;
  }

  #acted(pool: string, acted: Acted, { wanted, now }: { readonly wanted: Wanted; readonly now: number }): void {
    this.#told.tell(`pool ${pool}`, acted.kind === "failed" ? acted.because : "");
    if (acted.kind === "failed") {
      this.#failed(pool, acted);
      return;
    }
    this.#missed.delete(pool);
    this.#takenAt.set(pool, now);
    if (acted.kind === "nothing") return;
    const { from, to } = acted;
    const event = { pool, reason: wanted.reason, from, to, at: this.#options.bus.clock.now() };
    if (acted.kind === "done") {
      if (from !== to) this.#tell({ ...event, event: "scaled" });
      return;
    }
    this.#tell({ ...event, event: "planned", isDryRun: true });
  }

  /** What passes by itself is tried again by the next passes; what does not, or lasts, has another pool asked. */
  #failed(pool: string, { because, isHard }: Acted & { readonly kind: "failed" }): void {
    const missed = (this.#missed.get(pool) ?? 0) + 1;
    this.#missed.set(pool, missed);
    this.#said.delete(pool);
    this.#retryAt.set(pool, this.#options.timing.monotonic() + missed * levelMs);
    if (!isHard && missed < mostMissed) return;
    this.#retryAt.delete(pool);
    this.#missed.delete(pool);
    this.#refusals.push({ pool, after: this.#takenAt.get(pool) ?? 0, because });
  }

  #tell(event: CapacityEvent): void {
    const { bus, log, meter } = this.#options;
    const { pool, reason, tookMs } = event;
    this.#lastEvents.set(pool, event);
    if (tookMs !== undefined) meter?.observe("capacity_node_arrival_seconds", { pool }, tookMs / 1000);
    log.info(event, `pool ${pool} ${event.event}: ${reason}`);
    void bus
      .publish(channels.capacity, subjects.capacity(pool, event.event), event)
      .catch((error: unknown) =>
        log.warn({ pool }, `that pool ${pool} is ${event.event} was not told: ${sentenceOf(error)}`),
      );
  }
}
