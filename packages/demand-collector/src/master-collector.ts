import type { Bus, Lease, Service } from "@kubestack/bus";
import {
  channels,
  commands,
  hasCode,
  KubestackError,
  type LookRequest,
  type MasterEventKind,
  type MasterStatus,
  sentenceOf,
  subjects,
} from "@kubestack/contracts";
import type { Hooks } from "@kubestack/hooks";
import type { Master } from "@kubestack/jenkins";
import type { Meter } from "@kubestack/metrics";
import type { Logger, Timing } from "@kubestack/runtime";
import { AskedLooks } from "./asked-looks.ts";
import { afterReading, type MasterHealth, unknownHealth } from "./health.ts";
import { connectDemandListener, type DemandListenerConfig } from "./listeners/index.ts";
import { LookPace } from "./look-pace.ts";
import { LookList } from "./looks.ts";
import { Poller } from "./poller.ts";
import { type Round, SourceReader } from "./source-reader.ts";

export interface MasterCollectorOptions {
  readonly name: string;
  /** Undefined for one that is no Jenkins: then nobody's computers are looked at. */
  readonly master: Master | undefined;
  /** At least one; the first is the one that shows computers, where any does. */
  readonly listeners: readonly DemandListenerConfig[];
  readonly bus: Bus;
  /** Where this process takes webhooks; default: nowhere. */
  readonly hooks?: Hooks | undefined;
  readonly service: Service;
  readonly log: Logger;
  readonly timing: Timing;
  /** Told what is counted; default: nobody counts. */
  readonly meter?: Meter | undefined;
}

/** How often to look whether the lease is held again, in milliseconds; getting it is told besides. */
const waitingMs = 1000;

/**
 * Reads one master as long as it holds the lease, and publishes what it wants and has: whole, never as a difference. Each of
 * its sources has rounds of its own, and a message holds the last one of each.
 */
export class MasterCollector {
  readonly name: string;
  readonly #options: MasterCollectorOptions;
  /** The source that the master's health, its restarts and its computers are told by. */
  readonly #first: SourceReader;
  readonly #others: readonly { readonly reader: SourceReader; readonly poller: Poller }[];
  readonly #poller: Poller;
  readonly #lease: Lease;
  readonly #looks: LookList;
  readonly #asked: AskedLooks;
  readonly #pace = new LookPace();
  readonly #ends: (() => void)[];
  #health: MasterHealth = unknownHealth;
  /** One message after the other: each goes on from the sequence of the last. */
  #publishing: Promise<void> = Promise.resolve();
  /** Known while this process publishes: the term of its rounds, and the sequence of its last message. */
  #place: { term: number; sequence: number } | undefined;
  /** The last term: one that was given goes up even where NATS has lost it. */
  #term = 0;

  constructor(options: MasterCollectorOptions) {
    this.name = options.name;
    this.#options = options;
    const { master, log, bus, hooks, timing } = options;
    const { now } = bus.clock;
    const [first, ...others] = options.listeners.map(
      (config) =>
        new SourceReader(connectDemandListener(config, { name: options.name, master, bus, hooks, log, now }), {
          timing,
          now,
        }),
    );
    if (first === undefined) throw new RangeError(`Master ${options.name} has no source of demand.`);
    this.#first = first;
    this.#others = others.map((reader) => ({ reader, poller: new Poller(timing) }));
    this.#looks = new LookList(options.name);
    this.#asked = new AskedLooks(options.name);
    this.#poller = new Poller(timing);
    this.#lease = bus.lease(
      { service: "demand-collector", master: options.name },
      {
        onChange: (held, reason) => {
          log.info({ master: this.name, held }, reason);
          if (!held) this.#place = undefined;
          else void this.#kickAll();
        },
      },
    );
    this.#ends = [
      options.service.answer(commands.freshRound, () => this.#freshRound(), options.name),
      options.service.answer(commands.lookNow, (request) => this.#lookNow(request), options.name),
      this.#first.watch(() => this.#poller.wake()),
      ...this.#others.map(({ reader, poller }) => reader.watch(() => poller.wake())),
    ];
    void this.#lease.held.then(() => {
      this.#poller.start({ due: () => this.#due(), round: () => this.#readRound(), look: () => this.#look() });
      for (const { reader, poller } of this.#others)
        poller.start({
          due: () => ({ round: this.#roundDue(reader), look: undefined }),
          round: () => this.#readOther(reader),
          look: async () => undefined,
        });
    });
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end();
    await Promise.all([this.#poller, ...this.#others.map(({ poller }) => poller)].map((poller) => poller.stop()));
    await this.#publishing;
    await this.#lease.release();
    for (const reader of this.#readers) reader.close();
    this.#options.master?.close();
  }

  status(): MasterStatus {
    const answering = this.#readers.map(({ latest }) => latest).filter(({ state }) => state === "ok");
    const items = answering.flatMap((source) => source.items).filter(({ isRunning }) => isRunning !== true);
    const ages = items.flatMap(({ waitingSince }) => (waitingSince === null ? [] : [waitingSince]));
    return {
      master: this.name,
      state: this.#lease.isHeld() ? this.#health.state : "waiting",
      detail: [this.#health.detail, ...this.#troubles()].join("; "),
      owner: this.#options.bus.process,
      waiting: this.#first.latest.state === "ok" ? items.length : null,
      oldestWaitingSince: ages.length === 0 ? null : Math.min(...ages),
      since: this.#health.since,
    };
  }

  get #readers(): readonly SourceReader[] {
    return [this.#first, ...this.#others.map(({ reader }) => reader)];
  }

  /** What is wrong with the other sources, and what of any could not be read, each as a sentence. */
  #troubles(): string[] {
    const silent = this.#others.flatMap(({ reader: { latest } }) =>
      latest.state === "unknown" ? [`${latest.name}: ${latest.problem?.message}`] : [],
    );
    return [
      ...silent,
      ...this.#readers.flatMap(({ latest: { unread } }) => (unread === undefined ? [] : [unread.faults])),
    ];
  }

  #roundDue(reader: SourceReader): number {
    // Whoever holds the lease reads: a master is not asked twice for the same.
    return this.#lease.isHeld() ? reader.nextAt : this.#options.timing.monotonic() + waitingMs;
  }

  #due() {
    const round = this.#roundDue(this.#first);
    if (!this.#lease.isHeld() || this.#options.master === undefined) return { round, look: undefined };
    const wanted = this.#wanted(this.#options.timing.monotonic()).size > 0;
    const look = wanted && this.#first.failures === 0 ? this.#pace.next(this.#asked.isPressing()) : undefined;
    return { round, look };
  }

  /** Resolves when every source was read anew. */
  async #kickAll(): Promise<void> {
    await Promise.all([this.#poller, ...this.#others.map(({ poller }) => poller)].map((poller) => poller.kick()));
  }

  /** The agents that a look is worth now. */
  #wanted(now: number): ReadonlySet<string> {
    return new Set([...this.#looks.wanted(now), ...this.#asked.wanted(now)]);
  }

  async #freshRound() {
    this.#mustHold();
    await this.#kickAll();
    const { term = 0, sequence = 0 } = this.#place ?? {};
    return { term, round: this.#first.latest.round, sequence };
  }

  #lookNow(request: LookRequest) {
    this.#mustHold();
    if (this.#options.master === undefined) return { accepted: false };
    const accepted = this.#asked.ask(request, this.#options.timing.monotonic());
    if (accepted) this.#poller.wake();
    return { accepted };
  }

  #mustHold(): void {
    if (!this.#lease.isHeld()) throw new KubestackError("not-owner", `Master ${this.name} is read by another process.`);
  }

  async #readRound(): Promise<void> {
    const { timing, bus } = this.#options;
    this.#asked.begin();
    const round = await this.#first.read();
    const { source, error } = round;
    if (error === undefined) {
      if (isAnotherStart(this.#health.session, source.session)) this.#looks.restarted();
      this.#looks.saw(source.computers ?? [], timing.monotonic(), "round");
      this.#asked.saw(source.computers ?? []);
    }
    this.#count(round, this.#first);
    this.#pace.afterRound(timing.monotonic());
    const { health, event } = afterReading(this.#health, { at: bus.clock.now(), session: source.session, error });
    this.#health = health;
    await this.#publish();
    if (event !== undefined) await this.#announce(event);
  }

  async #readOther(reader: SourceReader): Promise<void> {
    const { log } = this.#options;
    const before = reader.latest.state;
    const round = await reader.read();
    this.#count(round, reader);
    const { name, state, problem } = round.source;
    if (state !== before)
      log[state === "ok" ? "info" : "warn"]({ master: this.name, source: name }, problem?.message ?? `${name} answers`);
    // What nobody knows the master by yet is told with its first round.
    if (this.#first.latest.round > 0) await this.#publish();
  }

  #count({ source, error, tookMs }: Round, { failures }: SourceReader): void {
    const { log, meter } = this.#options;
    // What is new about it is announced besides.
    if (error !== undefined) log.debug({ master: this.name, source: source.name, failures }, sentenceOf(error));
    else if (source.computers !== undefined)
      meter?.observe("round_duration_seconds", { master: this.name }, tookMs / 1000);
    meter?.add("rounds_total", { master: this.name, state: source.state });
  }

  #publish(): Promise<void> {
    this.#publishing = this.#publishing.then(() => this.#publishNow());
    return this.#publishing;
  }

  /** Publishes what was read last unless another process does so by now; then this one begins again in a term of its own. */
  async #publishNow(): Promise<void> {
    const { bus, log } = this.#options;
    if (!this.#lease.isHeld()) return;
    try {
      this.#place ??= await this.#takePlace();
      const place = this.#place;
      const sources = this.#readers.map(({ latest }) => ({ ...latest, term: place.term }));
      const demand = { master: this.name, sources };
      const sequence = await bus.publish(channels.demand, subjects.demand(this.name), demand, {
        after: place.sequence,
      });
      // Lost meanwhile, it is taken anew with the lease.
      if (this.#place === place) this.#place = { ...place, sequence };
    } catch (error) {
      this.#place = undefined;
      const level = hasCode(error, "stale-revision") ? "info" : "warn";
      log[level]({ master: this.name }, `the round was not published: ${sentenceOf(error)}`);
    }
  }

  async #takePlace() {
    const { bus } = this.#options;
    const subject = subjects.demand(this.name);
    const last = await bus.readLast(channels.demand, subject);
    const terms = (last?.data.sources ?? []).map(({ term }) => term);
    const sequence = last?.sequence ?? (await bus.lastSequence(channels.demand, subject));
    // What nobody can read hides the last term: a time in seconds is higher than any that was counted.
    const hidden = last === undefined && sequence > 0 ? Math.floor(bus.clock.now() / 1000) : 0;
    this.#term = Math.max(this.#term, hidden, ...terms) + 1;
    return { term: this.#term, sequence };
  }

  async #look(): Promise<void> {
    const { master, bus, timing, log, meter } = this.#options;
    if (master === undefined) return;
    const readAt = bus.clock.now();
    const started = timing.monotonic();
    try {
      const wanted = this.#wanted(started);
      this.#asked.begin();
      const { computers, session } = await master.readComputers();
      const over = timing.monotonic();
      meter?.observe("look_duration_seconds", { master: this.name }, (over - started) / 1000);
      this.#pace.afterLook({ began: started, over, nodes: computers.length });
      const news = new Set(this.#looks.saw(computers, timing.monotonic()));
      this.#asked.saw(computers);
      const shown = computers.filter(({ name }) => wanted.has(name) || news.has(name));
      if (shown.length > 0 && this.#lease.isHeld())
        await bus.publish(channels.look, subjects.look(this.name), {
          master: this.name,
          readAt,
          session,
          computers: shown,
        });
    } catch (error) {
      // The next round tells the trouble; a look is only ever a little sooner.
      log.debug({ master: this.name }, `a look failed: ${sentenceOf(error)}`);
      this.#pace.afterFailure(this.#first.nextAt);
    }
  }

  async #announce(event: MasterEventKind): Promise<void> {
    const { bus, log } = this.#options;
    if (!this.#lease.isHeld()) return;
    const { detail } = this.#health;
    log[event === "reachable" ? "info" : "warn"]({ master: this.name, event }, detail);
    const message = { master: this.name, event, reason: detail, at: bus.clock.now() };
    await bus.publish(channels.master, subjects.master(this.name, event), message).catch(() => undefined);
  }
}

/** Where a master does not tell its starts there is but one. */
function isAnotherStart(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now;
}
