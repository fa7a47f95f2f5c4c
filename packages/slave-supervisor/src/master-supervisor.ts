import { randomBytes } from "node:crypto";
import type { Bus, Lease, Service } from "@kubestack/bus";
import {
  type Completion,
  channels,
  commands,
  type DemandSource,
  KubestackError,
  keys,
  type LivingSlave,
  type Look,
  type MasterStatus,
  type SlaveRecord,
  sentenceOf,
  slaveRecordVersion,
  subjects,
} from "@kubestack/contracts";
import type { Cluster, ObjectChange, ObjectSource, PodObservation } from "@kubestack/kubernetes";
import type { Logger, Timing } from "@kubestack/runtime";
import { newLife, passedDeadline, slaveName } from "@kubestack/slave";
import type { TemplateConfig } from "@kubestack/templates";
import type { AttachMode, AttachTarget } from "./attach/attach-mode.ts";
import { DemandView } from "./demand-view.ts";
import { carryOut } from "./effects.ts";
import { Executor } from "./executor.ts";
import { type LaunchEnd, launchEndOf } from "./holds.ts";
import { decideLaunches, type LaunchSituation, planOf } from "./launching.ts";
import { LedgerKeeper } from "./ledger-keeper.ts";
import { eventsOfCompletion, eventsOfComputer } from "./observe/computer-events.ts";
import { eventsOfPod } from "./observe/pod-events.ts";
import { Roster, type Slave } from "./roster.ts";
import { lifeLimitsOf } from "./slave-limits.ts";

export interface MasterSupervisorOptions {
  readonly install: string;
  readonly name: string;
  readonly namespace: string;
  readonly attach: AttachMode;
  readonly target: AttachTarget;
  /** In config order; those that serve this master. */
  readonly templates: readonly TemplateConfig[];
  readonly maxSlaves: number;
  readonly launchesPerMinute: number;
  readonly intervalMs: number;
  readonly bus: Bus;
  readonly service: Service;
  readonly cluster: Cluster;
  readonly pods: ObjectSource<PodObservation>;
  readonly log: Logger;
  readonly timing: Timing;
}

const tickMs = 250;
/** A final record is kept this long for people to read, in milliseconds. */
const recordAgeMs = 24 * 60 * 60_000;
const purgeEveryMs = 60_000;

/** Launches and supervises one master's slaves as long as it holds the lease. */
export class MasterSupervisor {
  readonly name: string;
  readonly #options: MasterSupervisorOptions;
  readonly #roster: Roster;
  readonly #executor: Executor;
  readonly #lease: Lease;
  readonly #demand: DemandView;
  readonly #ends: (() => void)[] = [];
  #ledger: LedgerKeeper | undefined;
  #births: number[] = [];
  #launchEnds = new Map<string, LaunchEnd>();
  #turn: Promise<void> = Promise.resolve();
  #nextPurge = 0;
  #lastPlan = "";
  #detail = "waiting for the lease";
  #since: number;
  #stopped = false;

  constructor(options: MasterSupervisorOptions) {
    this.name = options.name;
    this.#options = options;
    const { bus, log, timing } = options;
    this.#since = bus.clock.now();
    this.#demand = new DemandView(options.intervalMs);
    this.#executor = new Executor({
      log,
      now: bus.clock.now,
      random: timing.random,
      isOwner: () => this.#isOwner(),
      carryOut: (record, intent) => carryOut(record, intent, this.#tools()),
      happened: (slave, event) => void this.#roster.apply(slave, () => [event]),
    });
    this.#roster = new Roster({
      bus,
      log,
      isOwner: () => this.#isOwner(),
      carryOut: (slave, intents) => this.#executor.run(slave, intents),
      round: () => this.#demand.round,
      onOvertaken: (reason) => this.#lose(reason),
      onMoved: (slave) => this.#moved(slave),
    });
    this.#lease = bus.lease(keys.lease("slave-supervisor", options.name), {
      onChange: (held, reason) => {
        log.info({ master: this.name, held }, reason);
        if (held) this.#inTurn(() => this.#takeOver());
        else this.#lose(reason);
      },
    });
    this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const end of this.#ends) end();
    await this.#turn;
    await this.#lease.release();
    this.#options.target.master.close();
  }

  status(): MasterStatus {
    const { source } = this.#demand;
    const now = this.#options.bus.clock.now();
    const verdict = this.#demand.verdict(now);
    const owner = this.#isOwner();
    return {
      master: this.name,
      state: !owner ? "waiting" : verdict.usable ? "ok" : source?.state === "unknown" ? "unreachable" : "starting",
      detail: owner && !verdict.usable ? verdict.reason : this.#detail,
      owner: this.#options.bus.process,
      waiting: source?.state === "ok" ? source.items.length : null,
      oldestWaitingSince: null,
      since: this.#since,
    };
  }

  /** Takes in what the shared watch tells about a pod of this master. */
  sawPod({ kind, name, value }: ObjectChange<PodObservation>): void {
    const slave = this.#roster.get(name);
    if (slave === undefined) return;
    void this.#roster.apply(slave, ({ life, state }) => {
      // Another pod of the name, or one that is not known to be accepted yet: the create's own answer comes first.
      if (state === "deleted" || life.pod.uid !== value.uid || life.pod.goneAt !== null) return [];
      const at = this.#options.bus.clock.now();
      return kind === "gone" ? [{ type: "pod.gone", reason: "the pod is gone", at }] : eventsOfPod(value, life, at);
    });
  }

  #isOwner(): boolean {
    return !this.#stopped && this.#ledger !== undefined && this.#lease.isHeld();
  }

  #tools() {
    const { bus, cluster, attach, target, templates } = this.#options;
    return {
      bus,
      cluster,
      attach,
      target,
      template: (name: string) => templates.find((template) => template.name === name),
      describe: (slave: SlaveRecord) =>
        `KubeStack slave of template ${slave.template}; kubestackcmd explain ${slave.name}`,
    };
  }

  #listen(): void {
    const { bus, service, pods } = this.#options;
    this.#ends.push(
      bus.subscribe(channels.demand, subjects.demand(this.name), () => this.#inTurn(() => this.#readDemand())),
      bus.subscribe(channels.look, subjects.look(this.name), ({ data }) => this.#sawLook(data)),
      bus.subscribe(channels.completion, subjects.completionsOf(this.name), ({ data }) => this.#sawCompletion(data)),
      pods.onChange((change) => this.sawPod(change)),
    );
    const timer = setInterval(() => this.#inTurn(() => this.#tick()), tickMs);
    this.#ends.push(() => clearInterval(timer));
    service.answer(commands.drainSlave, (request) => this.#drain(request), this.name);
  }

  /** One thing after the other; what fails is told and tried again by the next tick or round. */
  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((error: unknown) => {
      this.#options.log.warn({ master: this.name }, sentenceOf(error));
    });
  }

  #lose(reason: string): void {
    if (this.#ledger === undefined) return;
    this.#ledger = undefined;
    this.#demand.forget();
    this.#detail = reason;
    this.#since = this.#options.bus.clock.now();
    this.#options.log.warn({ master: this.name }, `no longer its owner: ${reason}`);
  }

  /** Own name into the ledger; the missing record of every number in it; all records; then a round begun after that. */
  async #takeOver(): Promise<void> {
    const { bus, log, pods, attach, target } = this.#options;
    attach.prepare(target).catch((error: unknown) => log.debug({ master: this.name }, sentenceOf(error)));
    const keeper = await LedgerKeeper.takeOver(bus, this.name);
    this.#roster.clear();
    this.#launchEnds = new Map();
    const entries = await bus.slaves.list(keys.slavesOf(this.name), (problem) => log.warn(problem.message));
    for (const entry of entries) if (entry.value.version <= slaveRecordVersion) this.#roster.add(entry);
    this.#ledger = keeper;
    const missing = keeper.ledger.live.filter((living) => this.#roster.get(this.#nameOf(living)) === undefined);
    await Promise.all(missing.map((living) => this.#record(living)));
    this.#births = keeper.ledger.live.map(({ at }) => at);
    for (const slave of this.#roster.all()) {
      this.#noteEnd(slave);
      const pod = pods.get(slave.record.name);
      if (pod !== undefined) this.sawPod({ kind: "changed", name: pod.name, value: pod, previous: undefined });
      this.#roster.resume(slave);
    }
    this.#detail = "supervises";
    this.#since = bus.clock.now();
    log.info(
      { master: this.name, term: keeper.ledger.term, slaves: keeper.ledger.live.length },
      "took the master over",
    );
    await bus
      .publish(channels.master, subjects.master(this.name, "owner-changed"), {
        master: this.name,
        event: "owner-changed",
        reason: `${bus.process} supervises it now`,
        at: bus.clock.now(),
      })
      .catch(() => undefined);
  }

  /** Launching waits for a round that began after the taking over; it is asked for, never computed. */
  async #askForRound(): Promise<void> {
    const { bus } = this.#options;
    try {
      const { sequence } = await bus.request(
        commands.freshRound,
        { master: this.name },
        { master: this.name, timeoutMs: 2000 },
      );
      if (sequence > 0) this.#demand.launchFrom(sequence);
    } catch (error) {
      this.#detail = `no fresh round yet: ${sentenceOf(error)}`;
    }
  }

  #nameOf(living: LivingSlave): string {
    const epoch = this.#ledger?.ledger.epoch ?? "";
    return slaveName({ master: this.name, epoch, number: living.number });
  }

  /** Saves the record of a slave that the ledger names, and begins its life. */
  async #record(living: LivingSlave): Promise<void> {
    const { bus, install, namespace, templates } = this.#options;
    const epoch = this.#ledger?.ledger.epoch ?? "";
    const name = this.#nameOf(living);
    const template = templates.find((one) => one.name === living.template);
    const life = newLife(lifeLimitsOf(template), { at: living.at, reason: living.reason });
    const record = {
      version: slaveRecordVersion,
      install,
      master: this.name,
      name,
      epoch,
      number: living.number,
      nonce: living.nonce,
      template: living.template,
      labels: living.labels,
      item: living.item,
      namespace,
      state: "requested" as const,
      life,
    };
    const slave = this.#roster.add(await bus.slaves.create(keys.slave(this.name, name), record));
    this.#roster.resume(slave);
  }

  async #readDemand(): Promise<void> {
    const { bus } = this.#options;
    if (!this.#isOwner()) return;
    const message = await bus.readLast(channels.demand, subjects.demand(this.name));
    const source = message === undefined ? undefined : this.#demand.take(message);
    if (source === undefined) return;
    // Launching comes first: a waiting build's pod must not queue behind the news of other slaves.
    await this.#launch(source);
    if (source.state === "ok" && source.computers !== undefined) this.#sawRound(source);
  }

  #sawRound(source: DemandSource): void {
    const shown = new Map((source.computers ?? []).map((computer) => [computer.name, computer]));
    const reading = { readAt: source.readAt, isWhole: true };
    for (const slave of this.#roster.all()) {
      const computer = shown.get(slave.record.name);
      void this.#roster.apply(slave, (record) =>
        eventsOfComputer(computer, record, { ...reading, at: this.#options.bus.clock.now() }),
      );
      if (computer?.online) slave.shownOnline = true;
    }
  }

  #sawLook(look: Look): void {
    for (const computer of look.computers) {
      const slave = this.#roster.get(computer.name);
      if (slave === undefined) continue;
      void this.#roster.apply(slave, (record) =>
        eventsOfComputer(computer, record, { readAt: look.readAt, isWhole: false, at: this.#options.bus.clock.now() }),
      );
    }
  }

  #sawCompletion(completion: Completion): void {
    const slave = completion.node === null ? undefined : this.#roster.get(completion.node);
    if (slave === undefined) return;
    void this.#roster.apply(slave, ({ life }) => eventsOfCompletion(completion, life, this.#options.bus.clock.now()));
  }

  async #launch(source: DemandSource): Promise<void> {
    const { bus, log, templates, maxSlaves, launchesPerMinute } = this.#options;
    const now = bus.clock.now();
    const verdict = this.#demand.verdict(now);
    if (!verdict.usable) {
      log.debug({ master: this.name }, `nothing is launched: ${verdict.reason}`);
      return;
    }
    this.#births = this.#births.filter((at) => now - at < 60_000);
    const situation: LaunchSituation = {
      master: this.name,
      source,
      slaves: [...this.#roster.all()],
      templates,
      maxSlaves,
      launchesPerMinute,
      births: this.#births,
      ends: [...this.#launchEnds.values()],
      now,
    };
    const decision = decideLaunches(situation);
    if (decision.launches.length > 0 && this.#isOwner()) {
      await this.#grant(
        decision.launches.map(({ item, template, reason }) => ({ item, template, reason })),
        source,
      );
    }
    await this.#tellPlan(planOf(decision, situation));
  }

  async #grant(
    launches: readonly { item: DemandSource["items"][number]; template: string; reason: string }[],
    source: DemandSource,
  ): Promise<void> {
    const { bus, templates, log } = this.#options;
    if (this.#ledger === undefined) return;
    const at = bus.clock.now();
    const living = await this.#ledger.grant(
      launches.map(({ item, template, reason }) => ({
        nonce: randomBytes(9).toString("base64url"),
        template,
        labels: [...(templates.find(({ name }) => name === template)?.labels ?? [])],
        item: { id: item.id, job: item.job, url: item.url, seenAt: source.queueReadAt },
        at,
        reason,
      })),
    );
    this.#births.push(...living.map((one) => one.at));
    for (const one of living)
      log.info({ master: this.name, slave: this.#nameOf(one), template: one.template, item: one.item?.id }, one.reason);
    await Promise.all(living.map((one) => this.#record(one)));
  }

  /** The plan is told when it says something new, not at every round. */
  async #tellPlan(plan: ReturnType<typeof planOf>): Promise<void> {
    const { at: _at, round: _round, ...news } = plan;
    const text = JSON.stringify(news);
    if (text === this.#lastPlan) return;
    await this.#options.bus.publish(channels.plan, subjects.plan(this.name), plan);
    this.#lastPlan = text;
  }

  #moved(slave: Slave): void {
    this.#noteEnd(slave);
  }

  #noteEnd(slave: Slave): void {
    const end = launchEndOf(slave.record);
    if (end !== undefined) this.#launchEnds.set(slave.record.name, end);
  }

  async #tick(): Promise<void> {
    const { bus, log } = this.#options;
    // The lease is held but the ledger is not: an earlier try failed, or a write of another process was met.
    if (!this.#stopped && this.#ledger === undefined && this.#lease.isHeld()) await this.#takeOver();
    if (!this.#isOwner()) return;
    if (!this.#demand.mayLaunch()) await this.#askForRound();
    const now = bus.clock.now();
    const masterKnown = this.#demand.isMasterKnown(now);
    const finished = new Set<number>();
    for (const slave of this.#roster.all()) {
      const { state, life, number } = slave.record;
      if (state === "deleted" && slave.wakeAt === undefined && life.announced >= life.trail.length + life.trailDropped)
        finished.add(number);
      const passed = passedDeadline(state, life, { now, masterKnown });
      if (passed !== undefined) {
        const { clock, reason } = passed;
        log.info({ slave: slave.record.name, clock }, reason);
        void this.#roster.apply(slave, () => [{ type: "deadline.passed", clock, reason, at: now }]);
      } else if (slave.wakeAt !== undefined && slave.wakeAt <= now) this.#roster.resume(slave);
    }
    await this.#ledger?.release(finished);
    if (now >= this.#nextPurge) {
      this.#nextPurge = now + purgeEveryMs;
      await this.#purge(now);
    }
  }

  /** Forgets slaves that are over: at once in memory where no round can count them any more, after a day in the store. */
  async #purge(now: number): Promise<void> {
    const living = new Set(this.#ledger?.ledger.live.map(({ number }) => number));
    for (const slave of this.#roster.all()) {
      const { state, life, number, name } = slave.record;
      if (state !== "deleted" || living.has(number)) continue;
      const at = life.trail.at(-1)?.at ?? 0;
      if (now - at < recordAgeMs) continue;
      await this.#options.bus.slaves.remove(keys.slave(this.name, name), slave.revision);
      this.#roster.forget(name);
      this.#launchEnds.delete(name);
    }
  }

  async #drain({ slave: name, reason }: { slave: string; reason: string }) {
    const slave = this.#roster.get(name);
    if (slave === undefined || slave.record.state === "deleted")
      throw new KubestackError(
        "not-found",
        `Master ${this.name} has no living slave ${name}; kubestackcmd list shows them.`,
      );
    const at = this.#options.bus.clock.now();
    await this.#roster.apply(slave, () => [{ type: "drain.requested", reason, outcome: "withdrawn", at }]);
    return { slave: name, state: slave.record.state };
  }
}
