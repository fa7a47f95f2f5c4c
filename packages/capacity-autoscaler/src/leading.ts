import type { Bus } from "@kubestack/bus";
import type { CapacityDecision, CapacitySituation, ScaleDownDecision } from "@kubestack/capacity";
import { type CapacityEvent, type PoolMemory, type Removal, sentenceOf } from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import type { Meter } from "@kubestack/metrics";
import { backoffMs, type Logger, type Timing } from "@kubestack/runtime";
import { happenedTo, removedFrom } from "./acting/happened.ts";
import { Noticing } from "./acting/noticing.ts";
import { PoolActor } from "./acting/pool-actor.ts";
import { PoolNews } from "./acting/pool-news.ts";
import { Raising } from "./acting/raising.ts";
import { afterRefusal, type Refusal } from "./acting/refusal.ts";
import { Removing } from "./acting/removing.ts";
import type { Deciding } from "./deciding.ts";
import { KeptPools } from "./keeping/kept-pools.ts";
import { limitsOf, poolOf } from "./pools/pool-of.ts";
import type { CapacitySettings } from "./settings.ts";
import type { GuardedTarget } from "./targets/guarded.ts";
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
/** And what slaves do so often: there may be many. */
const slavesReadMs = 60_000;
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

/** What the process that decides knows of the pools now. */
export interface Known {
  readonly decision: CapacityDecision | undefined;
  readonly situation: CapacitySituation | undefined;
  readonly actors: ReadonlyMap<string, PoolActor>;
  readonly lastEvents: ReadonlyMap<string, CapacityEvent>;
  readonly removals: readonly Removal[];
  /** Why no pool can be decided on now, as a sentence; empty: all can. */
  readonly trouble: string;
}

/** What troubles all pools are of. */
const theCluster = "the cluster";
const theDecision = "deciding on node pools";

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
  readonly #noticing: Noticing;
  readonly #actors: ReadonlyMap<string, PoolActor>;
  readonly #news: PoolNews;
  readonly #raising: Raising;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #waking = new AbortController();
  /** Since when something is new that no pass has seen, on the monotonic clock. */
  #newsAt: number | undefined;
  #isRead = false;
  #readAt = Number.NEGATIVE_INFINITY;
  #slavesReadAt = Number.NEGATIVE_INFINITY;
  #decision: CapacityDecision | undefined;
  #situation: CapacitySituation | undefined;
  #removals: readonly Removal[] = [];

  constructor(options: LeadingOptions) {
    this.#options = options;
    const { bus, cluster, install, log, settings, connect } = options;
    const onNews = (): void => this.#wake();
    this.#told = new ToldOnce(log);
    this.#actors = new Map(settings.nodePools.map((pool) => [pool.name, new PoolActor(pool, connect(pool))]));
    this.#news = new PoolNews(options);
    this.#raising = new Raising({
      ...{ actors: this.#actors, news: this.#news, told: this.#told, timing: options.timing, meter: options.meter },
      ...{ now: bus.clock.now, onNews },
    });
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
    this.#noticing = new Noticing({ bus, log, slaves: this.#slaves, timing: options.timing, told: this.#told });
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
      lastEvents: this.#news.last,
      removals: this.#removals,
      trouble: this.#told.of(theCluster) || this.#told.of(theDecision),
    };
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#waking.abort();
    this.#plans.stop();
    this.#slaves.stop();
    await this.#running;
    await Promise.all([this.#removing.settled(), this.#noticing.settled()]);
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
        this.#told.tell(theDecision, "");
      } catch (error) {
        failures += 1;
        this.#isRead = false;
        this.#told.tell(theDecision, `the node pools stay as they are: ${sentenceOf(error)}`);
      }
      const pauseMs = failures === 0 ? leastMs : backoffMs(failures, retries, timing.random());
      await timing.sleep(pauseMs, this.#ending.signal);
      await timing.sleep(levelMs, AbortSignal.any([this.#waking.signal, this.#ending.signal]));
    }
  }

  async #pass(newsAt: number): Promise<void> {
    const { bus, deciding, timing, meter, isHeld } = this.#options;
    const { trouble } = this.#view;
    this.#told.tell(theCluster, trouble);
    // What is not known is not nothing: no pool gets larger or smaller by it.
    if (trouble !== "" || !isHeld()) return;
    await this.#read();
    const now = bus.clock.now();
    const begun = timing.monotonic();
    const { refusals } = this.#raising;
    const seen = this.#situationAt(now, refusals);
    const slaves = this.#slaves.uses();
    const notices = deciding.decideNotices({ ...seen, slaves });
    const situation = { ...seen, wanted: [...seen.wanted, ...notices.successors] };
    const decision = deciding.decide(situation);
    meter?.observe("capacity_decision_duration_seconds", {}, (timing.monotonic() - begun) / 1000);
    if (!isHeld()) return;
    const down = deciding.decideRemovals({
      ...situation,
      ...{ expecting: decision.expecting, kept: decision.kept, removals: situation.removals ?? [] },
      ...{ slaves, looks: this.#removing.looks, canRemove: (pool) => this.#canRemove(pool) },
    });
    await this.#remember({ situation, decision, down });
    this.#raising.remembered(refusals);
    [this.#situation, this.#decision, this.#removals] = [situation, decision, down.removals];
    if (!isHeld()) return;
    this.#noticing.act(notices);
    const leaving = new Set(down.removals.map(({ node }) => node));
    const reopened = this.#view
      .toReopen(this.#options.settings.nodePools, leaving)
      .map((one) => ({ type: "uncordon", ...one, reason: "it stays" }) as const);
    this.#removing.carryOut([...down.intents, ...reopened], (pool) => this.#sizeOf(pool));
    this.#raising.act({ situation, decision, newsAt, sizeOf: (pool) => this.#sizeOf(pool) });
  }

  async #read(): Promise<void> {
    const { timing, log } = this.#options;
    const now = timing.monotonic();
    if (!this.#isRead) await this.#kept.read((problem) => log.error(problem.message));
    if (!this.#isRead || now - this.#readAt >= readMs) {
      await this.#plans.read();
      this.#raising.forget();
      this.#readAt = now;
    }
    if (now - this.#slavesReadAt >= slavesReadMs) {
      await this.#slaves.read();
      this.#slavesReadAt = now;
    }
    this.#isRead = true;
  }

  #situationAt(now: number, refusals: readonly Refusal[]): CapacitySituation {
    const { settings, deciding } = this.#options;
    const pools = settings.nodePools.flatMap((pool) => poolOf(pool) ?? []);
    const pods = this.#view.pods();
    const memories = new Map<string, PoolMemory>();
    for (const { name } of pools) {
      const { memory } = this.#kept.of(name);
      const its = refusals.filter(({ pool }) => pool === name);
      memories.set(
        name,
        its.reduce((so, refusal) => afterRefusal(so, refusal, now), memory),
      );
    }
    const removals = pools.flatMap(({ name }) => this.#kept.of(name).removals);
    return {
      pools,
      limits: limitsOf(settings.capacity),
      nodes: this.#view.nodes(settings.nodePools, new Set(removals.map(({ node }) => node))),
      pods,
      wanted: deciding.wantedOf(this.#plans.now(now), pods),
      memories,
      removals,
      now,
    };
  }

  /** A node is only ever removed by its name, and not where it would only be said. */
  #canRemove(pool: string): boolean {
    return !this.#raising.isDry(pool) && this.#actors.get(pool)?.canRemoveByName === true;
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
      this.#raising.isDry(pool)
        ? []
        : [{ pool, memory, removals: ofPool.get(pool) ?? [], before: this.#kept.of(pool) }],
    );
    await Promise.all(changed.map(({ pool, memory, removals }) => this.#kept.save(pool, { memory, removals })));
    for (const { pool, memory, removals, before } of changed) {
      for (const event of happenedTo(pool, { before: before.memory, after: memory }, now)) this.#news.tell(event);
      const removed = removedFrom(pool, { before: before.removals, after: removals }, now);
      if (removed !== undefined) this.#news.tell(removed);
    }
  }
}
