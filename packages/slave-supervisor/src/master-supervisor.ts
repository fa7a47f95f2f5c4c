import type { Entry, Lease, Predecessor } from "@kubestack/bus";
import {
  channels,
  type DemandSource,
  keys,
  type MasterStatus,
  type SlaveRecord,
  sentenceOf,
  slaveRecordVersion,
  subjects,
} from "@kubestack/contracts";
import { backoffMs } from "@kubestack/runtime";
import { passedDeadline } from "@kubestack/slave";
import { Anchors } from "./anchors.ts";
import { answerPeople } from "./answers.ts";
import { DemandView } from "./demand-view.ts";
import { drainAll } from "./draining.ts";
import { toolsOf } from "./effect-tools.ts";
import { carryOut } from "./effects.ts";
import { Executor } from "./executor.ts";
import { Forerunner, ownerChange } from "./forerunner.ts";
import { FreshRound } from "./fresh-round.ts";
import { KeptFacts } from "./kept-facts.ts";
import { Launcher } from "./launcher.ts";
import type { LedgerKeeper } from "./ledger-keeper.ts";
import type { MasterOptions, MasterScope, MasterSettings } from "./master-scope.ts";
import { masterStatus } from "./master-status.ts";
import { NodeBudget } from "./node-budget/node-budget.ts";
import { Observer } from "./observer.ts";
import { recordMissing, slaveNameOf } from "./recording.ts";
import { Removal } from "./removal.ts";
import { Rebuild } from "./resync/rebuild.ts";
import { Resync } from "./resync/resync.ts";
import { type Borne, takeLedger } from "./resync/take-ledger.ts";
import { isOver, Retention } from "./retention.ts";
import { Roster, type Slave } from "./roster.ts";
import { Standing } from "./standing.ts";

const tickMs = 250;
/** Whether a master that was not to be served is to be by now is looked at this often, in milliseconds. */
const unservedMs = 1000;
/** Between two comparisons with all that the watch of the pods holds, in milliseconds. */
const compareMs = 5000;
/** Between two tries to take the master over. */
const takeOverRetry = { leastMs: 1000, mostMs: 30_000 };

/** Launches and supervises one master's slaves as long as it holds the lease. */
export class MasterSupervisor implements MasterScope {
  options: MasterOptions;
  readonly roster: Roster;
  readonly demand: DemandView;
  readonly nodes: NodeBudget;
  readonly standing: Standing;
  ledger: LedgerKeeper | undefined;
  readonly #launcher: Launcher;
  readonly #observer: Observer;
  readonly #retention: Retention;
  readonly #anchors: Anchors;
  readonly #facts: KeptFacts;
  readonly #lease: Lease;
  readonly #ends: (() => void)[] = [];
  readonly #rebuild: Rebuild;
  readonly #resync: Resync;
  /** Numbers that are there, though the ledger had not given them. */
  #ahead: readonly Borne[] = [];
  readonly #removal: Removal;
  readonly #freshRound: FreshRound;
  #turn: Promise<void> = Promise.resolve();
  /** What waits for its turn already and need not wait a second time. */
  readonly #soon = new Set<string>();
  #takeOverTries = 0;
  #takeOverNotBefore = 0;
  #nextComparison = 0;
  readonly #forerunner: Forerunner;
  #detail = "waiting for the lease";
  #since: number;
  #stopped = false;

  constructor(options: MasterOptions) {
    this.options = options;
    const { bus, log, timing, name } = options;
    this.#since = bus.clock.now();
    this.#forerunner = new Forerunner(timing.monotonic);
    this.demand = new DemandView(options.intervalMs);
    this.#facts = new KeptFacts(this);
    this.#launcher = new Launcher(this, this.#facts);
    this.#observer = new Observer(this);
    this.#retention = new Retention(this);
    this.#anchors = new Anchors(this);
    this.#rebuild = new Rebuild(this);
    this.#resync = new Resync(this, (ahead) => {
      this.#ahead = ahead;
      this.#lose("the ledger is behind what is there: it is read anew");
    });
    this.standing = new Standing(this);
    this.#removal = new Removal(this, this.#anchors);
    this.#freshRound = new FreshRound(this, () => this.#once("read demand", () => this.#readDemand()));
    this.nodes = new NodeBudget({
      perSecond: options.nodeOpsPerSecond,
      timing,
      removesFirst: () => this.#launcher.isCapWanted,
    });
    const executor = new Executor({
      log,
      nodes: this.nodes,
      now: bus.clock.now,
      random: timing.random,
      isOwner: () => this.isOwner(),
      carryOut: (record, intent) => carryOut(record, intent, toolsOf(this)),
      happened: (slave, events) => this.roster.apply(slave, () => events),
      resume: (slave) => this.roster.resume(slave),
    });
    this.roster = new Roster({
      bus,
      log,
      isOwner: () => this.isOwner(),
      carryOut: (slave, intents) => executor.run(slave, intents),
      measures: options.measures,
      mayHaveBegun: (source) => this.demand.mayHaveBegun(source),
      onOvertaken: (reason) => this.#lose(reason),
      onMoved: (slave) => {
        this.#note(slave.record);
        // What the watch told before the pod was known to be this slave's.
        this.#observer.catchUp(slave);
      },
    });
    this.#lease = bus.lease(
      { service: "slave-supervisor", master: name },
      {
        onChange: (...change) => this.#leaseChanged(...change),
        settled: () => this.#turn,
        unable: options.unable ?? (() => ""),
      },
    );
    this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const end of this.#ends) end();
    this.nodes.close();
    await this.#turn;
    await this.#lease.release();
    this.options.target.master?.close();
  }

  /** Other settings from now on. What lives goes on; new slaves are made by them. */
  reconfigure(settings: MasterSettings): void {
    const { master } = this.options.target;
    this.options = { ...this.options, ...settings };
    this.demand.intervalMs = settings.intervalMs;
    this.nodes.change(settings.nodeOpsPerSecond);
    this.standing.readSoon();
    this.#takeOverNotBefore = 0;
    if (settings.target.master === master) return;
    this.#anchors.forget();
    master?.close();
  }

  status(): MasterStatus {
    return masterStatus(this, {
      detail: this.#removal.waitsFor || this.#freshRound.problem || this.#detail,
      since: this.#since,
      isRebuilt: this.#rebuild.isDone,
      leftAlone: this.#resync.report,
    });
  }

  isOwner(): boolean {
    const isForeign = this.options.store.standing().state === "foreign";
    return !this.#stopped && !isForeign && this.ledger !== undefined && !this.ledger.isInDoubt && this.#lease.isHeld();
  }

  isTrusted(): boolean {
    return this.isOwner() && this.#rebuild.isDone && this.options.store.standing().state === "ours";
  }

  get unserved(): ReadonlySet<string> {
    return this.#launcher.unserved;
  }

  /** What became of a launch counts for the ledger that launched it. */
  #note(record: SlaveRecord, epoch = this.ledger?.ledger.epoch): void {
    if (record.epoch === epoch) this.#launcher.note(record);
    this.#retention.note(record);
  }

  #listen(): void {
    const { bus, pods, name, store, measures } = this.options;
    this.#ends.push(
      bus.subscribe(channels.demand, subjects.demand(name), ({ data }) => {
        this.demand.heardOf(data);
        this.#once("read demand", () => this.#readDemand());
      }),
      bus.subscribe(channels.look, subjects.look(name), ({ data }) => this.#observer.sawLook(data)),
      bus.subscribe(channels.completion, subjects.completionsOf(name), ({ data }) =>
        this.#observer.sawCompletion(data),
      ),
      pods.onChange((change) => this.#observer.sawPod(change)),
      bus.onReconnect(() => this.#resync.soon()),
      store.onChange(({ reason }) => {
        this.#lose(reason);
        this.demand.forgetAll();
      }),
    );
    if (measures !== undefined) this.#ends.push(measures.watch(this, (now) => this.#launcher.standing(now)));
    const timer = setInterval(() => this.#once("tick", () => this.#tick()), tickMs);
    this.#ends.push(() => clearInterval(timer));
    const holds = (now: number) => this.#launcher.holds(now);
    this.#ends.push(...answerPeople(this, { inTurn: (work) => this.#inTurn(work), holds }));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  /**
   * One thing after the other, each waiting once however often it is asked for: what holds one up lets nothing pile up.
   * What fails is told and tried again by the next tick or round.
   */
  #once(what: string, work: () => Promise<void>): void {
    if (this.#soon.has(what)) return;
    this.#soon.add(what);
    this.#turn = this.#turn
      .then(() => {
        this.#soon.delete(what);
        return work();
      })
      .catch((error: unknown) => {
        this.options.log.warn({ master: this.options.name }, sentenceOf(error));
      });
  }

  #leaseChanged(held: boolean, reason: string, predecessor?: Predecessor): void {
    const { log, name } = this.options;
    log.info({ master: name, held }, reason);
    this.#lose(reason, "info");
    this.#takeOverNotBefore = 0;
    if (!held) return;
    this.#forerunner.before(predecessor);
    this.#once("take over", () => this.#takeOver());
  }

  #lose(reason: string, level: "info" | "warn" = "warn"): void {
    if (this.ledger === undefined) return;
    this.ledger = undefined;
    this.demand.forget();
    this.#detail = reason;
    this.#since = this.options.bus.clock.now();
    this.options.log[level]({ master: this.options.name }, `no longer its owner: ${reason}`);
  }

  /** Own name into the ledger; all records; the missing record of every number in it; then a round begun after that. */
  async #takeOver(): Promise<void> {
    if (this.#stopped || this.ledger !== undefined || !this.#lease.isHeld()) return;
    try {
      await this.#takeOverNow();
      this.#takeOverTries = 0;
    } catch (error) {
      this.#takeOverTries += 1;
      const { timing } = this.options;
      this.#takeOverNotBefore = timing.monotonic() + backoffMs(this.#takeOverTries, takeOverRetry, timing.random());
      this.#detail = sentenceOf(error);
      throw error;
    }
  }

  async #takeOverNow(): Promise<void> {
    const { bus, log, timing, attach, target, name } = this.options;
    if (!(await this.standing.isServed())) {
      this.#takeOverNotBefore = timing.monotonic() + unservedMs;
      return;
    }
    attach.prepare(target).catch((error: unknown) => log.debug({ master: name }, sentenceOf(error)));
    const keeper = await takeLedger(this.options, this.#ahead);
    const { live, term } = keeper.ledger;
    // After the ledger: what the owner before kept until it lost the master is seen here.
    await this.standing.read();
    const unnamed = await this.#readRecords(keeper);
    keeper.isRecorded = (living) => this.roster.get(slaveNameOf(keeper.ledger, living)) !== undefined;
    this.ledger = keeper;
    this.#ahead = [];
    this.#launcher.begin();
    this.#rebuild.begin();
    this.#resync.begin(unnamed);
    await this.#rebuild.catchUp();
    for (const slave of this.roster.all()) {
      this.#observer.catchUp(slave);
      this.roster.resume(slave);
    }
    const at = bus.clock.now();
    this.#detail = "supervises";
    this.#since = at;
    const before = this.#forerunner.told();
    log.info({ master: name, term, slaves: live.length, ...before }, "took the master over");
    this.options.measures?.tookOver(before.lastSignMs);
    // From here on each tick does it again where it fails.
    await recordMissing(this);
    this.#facts.begin();
    const told = { master: name, event: "owner-changed" as const, reason: ownerChange(bus.process, before), at };
    await bus.publish(channels.master, subjects.master(name, "owner-changed"), told).catch(() => undefined);
  }

  /**
   * All records count; only those of slaves that the ledger names are held, since a day's others may be very many. Answers
   * those of slaves that are not over and that it does not name: nobody acts by them.
   */
  async #readRecords(keeper: LedgerKeeper): Promise<Set<string>> {
    const { bus, log, name } = this.options;
    const { epoch } = keeper.ledger;
    const unnamed = new Set<string>();
    this.roster.clear();
    this.#launcher.forget();
    const take = (entry: Entry<SlaveRecord>): void => {
      const { value } = entry;
      if (value.version > slaveRecordVersion) return;
      this.#note(value, epoch);
      if (keeper.names(value)) this.roster.add(entry);
      else if (isOver(value)) unnamed.delete(value.name);
      else unnamed.add(value.name);
    };
    await bus.slaves.each(keys.slavesOf(name), take, (problem) => log.warn(problem.message));
    return unnamed;
  }

  async #readDemand(): Promise<void> {
    const { bus, name } = this.options;
    if (!this.isOwner()) return;
    const message = await bus.readLast(channels.demand, subjects.demand(name));
    const news = message === undefined ? undefined : this.demand.take(message);
    if (news === undefined && !this.demand.isUnlaunched) return;
    try {
      // Launching comes first: a waiting build's pod must not queue behind the news of other slaves.
      await recordMissing(this);
      if (!this.isTrusted()) return;
      const isWhole = await this.#launcher.launch();
      if (isWhole) this.demand.launched();
    } finally {
      // What can't be launched must not keep a build's end from being seen.
      if (news?.state === "ok" && news.computers !== undefined) this.#sawRound(news);
    }
  }

  #sawRound(source: DemandSource): void {
    this.#observer.sawRound(source);
    this.#resync.sawRound(source);
    this.#anchors.saw(source);
  }

  async #tick(): Promise<void> {
    const { bus, timing } = this.options;
    if (this.ledger?.isInDoubt) this.#lose("a write of the ledger failed: it is read anew");
    // The lease is held but the ledger is not: an earlier try failed, or a write of another process was met.
    if (this.ledger === undefined && timing.monotonic() >= this.#takeOverNotBefore) await this.#takeOver();
    if (!this.isOwner()) return;
    const now = bus.clock.now();
    await recordMissing(this);
    await this.#rebuild.catchUp();
    drainAll(this);
    this.#freshRound.keepAsking(now);
    const masterKnown = this.demand.isMasterKnown(now);
    const { masterKnownSince } = this.demand;
    for (const slave of this.roster.all()) this.#tickSlave(slave, { now, masterKnown, masterKnownSince });
    if (now >= this.#nextComparison) {
      this.#nextComparison = now + compareMs;
      this.#observer.catchUpAll();
    }
    this.#resync.tick(now);
    await this.#facts.catchUpSometimes(now);
    await this.standing.readSometimes(now);
    await this.#retention.letGo(now);
    if (await this.#removal.finish(now)) this.#lose("it is served no longer", "info");
  }

  #tickSlave(slave: Slave, at: { now: number; masterKnown: boolean; masterKnownSince: number | undefined }): void {
    const { state, life, epoch } = slave.record;
    // What a record of an earlier epoch says may be of the past until it was compared with what is there.
    const isDoubtful = !this.#rebuild.isDone && epoch !== this.ledger?.ledger.epoch;
    // Where nobody shows whether it works, an online slave is not known to be idle.
    const mayIdle = !this.options.attach.showsIdle || this.#launcher.keepsIdle(slave.record);
    const passed = isDoubtful ? undefined : passedDeadline(state, life, { ...at, mayIdle });
    if (passed !== undefined) this.#observer.ranOut(slave, passed);
    else if (slave.wakeAt !== undefined && slave.wakeAt <= at.now) this.roster.resume(slave);
    this.#observer.checkMissing(slave);
  }
}
