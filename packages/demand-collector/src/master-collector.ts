import type { Bus, Lease, Service } from "@kubestack/bus";
import {
  channels,
  commands,
  type DemandSource,
  hasCode,
  KubestackError,
  type LookRequest,
  type MasterEventKind,
  type MasterStatus,
  sentenceOf,
  subjects,
} from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { Meter } from "@kubestack/metrics";
import { backoffMs, type Logger, type Timing } from "@kubestack/runtime";
import { AskedLooks } from "./asked-looks.ts";
import { afterReading, type MasterHealth, unknownHealth } from "./health.ts";
import { connectDemandListener, type DemandListenerConfig } from "./listeners/index.ts";
import type { DemandListener } from "./listeners/listener.ts";
import { LookPace } from "./look-pace.ts";
import { LookList } from "./looks.ts";
import { Poller } from "./poller.ts";

export interface MasterCollectorOptions {
  readonly name: string;
  readonly master: Master;
  readonly listeners: readonly DemandListenerConfig[];
  readonly bus: Bus;
  readonly service: Service;
  readonly log: Logger;
  readonly timing: Timing;
  /** Told what is counted; default: nobody counts. */
  readonly meter?: Meter | undefined;
}

/** How long to wait between tries while a master refuses us, or answers what nobody can read. */
const failing = { leastMs: 1000, mostMs: 30_000 };
/**
 * The same while it does not answer at all. It may be started anew; agents come back by themselves when it is up, and get
 * what waits in that moment. Builds that are over before the next round are seen by nobody.
 */
const away = { leastMs: 1000, mostMs: 5_000 };
/** How often to look whether the lease is held again, in milliseconds; getting it is told besides. */
const waitingMs = 1000;
/** Longer than this no master is left alone, whatever it asks for. */
const longestPauseMs = 5 * 60_000;

/** Reads one master as long as it holds the lease, and publishes what it wants and has: whole, never as a difference. */
export class MasterCollector {
  readonly name: string;
  readonly #options: MasterCollectorOptions;
  readonly #listener: DemandListener;
  readonly #poller: Poller;
  readonly #lease: Lease;
  readonly #looks: LookList;
  readonly #asked: AskedLooks;
  readonly #pace = new LookPace();
  readonly #ends: (() => void)[];
  #health: MasterHealth = unknownHealth;
  #source: DemandSource | undefined;
  /** Known while this process publishes: the term of its rounds, and the sequence of its last message. */
  #place: { term: number; sequence: number } | undefined;
  /** The last term: one that was given goes up even where NATS has lost it. */
  #term = 0;
  #round = 0;
  #failures = 0;
  #nextRound = 0;

  constructor(options: MasterCollectorOptions) {
    this.name = options.name;
    this.#options = options;
    const { master, log, bus, timing } = options;
    const [config = { type: "jenkins-queue" as const, interval: 2000 }] = options.listeners;
    this.#listener = connectDemandListener(config, { master, log, now: bus.clock.now });
    this.#looks = new LookList(options.name);
    this.#asked = new AskedLooks(options.name);
    this.#poller = new Poller(timing);
    this.#lease = bus.lease(
      { service: "demand-collector", master: options.name },
      {
        onChange: (held, reason) => {
          log.info({ master: this.name, held }, reason);
          if (!held) this.#place = undefined;
          else void this.#poller.kick();
        },
      },
    );
    this.#ends = [
      options.service.answer(commands.freshRound, () => this.#freshRound(), options.name),
      options.service.answer(commands.lookNow, (request) => this.#lookNow(request), options.name),
    ];
    void this.#lease.held.then(() =>
      this.#poller.start({ due: () => this.#due(), round: () => this.#readRound(), look: () => this.#look() }),
    );
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end();
    await this.#poller.stop();
    await this.#lease.release();
    this.#options.master.close();
  }

  status(): MasterStatus {
    const waiting = this.#source?.state === "ok" ? this.#source.items : undefined;
    const ages = (waiting ?? []).flatMap(({ waitingSince }) => (waitingSince === null ? [] : [waitingSince]));
    return {
      master: this.name,
      state: this.#lease.isHeld() ? this.#health.state : "waiting",
      detail: this.#health.detail,
      owner: this.#options.bus.process,
      waiting: waiting?.length ?? null,
      oldestWaitingSince: ages.length === 0 ? null : Math.min(...ages),
      since: this.#health.since,
    };
  }

  #due() {
    // Whoever holds the lease reads: a master is not asked twice for the same.
    if (!this.#lease.isHeld()) return { round: this.#options.timing.monotonic() + waitingMs, look: undefined };
    const wanted = this.#wanted(this.#options.timing.monotonic()).size > 0;
    const look = wanted && this.#failures === 0 ? this.#pace.next(this.#asked.isPressing()) : undefined;
    return { round: this.#nextRound, look };
  }

  /** The agents that a look is worth now. */
  #wanted(now: number): ReadonlySet<string> {
    return new Set([...this.#looks.wanted(now), ...this.#asked.wanted(now)]);
  }

  async #freshRound() {
    this.#mustHold();
    await this.#poller.kick();
    const { term, round } = this.#source ?? { term: 0, round: 0 };
    return { term, round, sequence: this.#place?.sequence ?? 0 };
  }

  #lookNow(request: LookRequest) {
    this.#mustHold();
    const accepted = this.#asked.ask(request, this.#options.timing.monotonic());
    if (accepted) this.#poller.wake();
    return { accepted };
  }

  #mustHold(): void {
    if (!this.#lease.isHeld()) throw new KubestackError("not-owner", `Master ${this.name} is read by another process.`);
  }

  async #readRound(): Promise<void> {
    const { timing, bus, log, meter } = this.#options;
    const started = timing.monotonic();
    const readAt = bus.clock.now();
    this.#round += 1;
    const common = { name: this.#listener.name, term: 0, round: this.#round };
    let source: DemandSource;
    let error: unknown;
    this.#asked.begin();
    try {
      source = { ...common, state: "ok", ...(await this.#listener.observe()) };
      meter?.observe("round_duration_seconds", { master: this.name }, (timing.monotonic() - started) / 1000);
      this.#failures = 0;
      this.#nextRound = started + this.#listener.intervalMs;
      if (isAnotherStart(this.#health.session, source.session)) this.#looks.restarted();
      this.#looks.saw(source.computers ?? [], timing.monotonic());
      this.#asked.saw(source.computers ?? []);
    } catch (failure) {
      error = failure;
      this.#failures += 1;
      // A try that took long has burdened it long enough: the pause begins after it.
      this.#nextRound = Math.max(started + this.#listener.intervalMs, timing.monotonic() + this.#pauseAfter(failure));
      // What is new about it is announced below.
      log.debug({ master: this.name, failures: this.#failures }, sentenceOf(failure));
      source = {
        ...common,
        state: "unknown",
        problem: problemOf(failure),
        readAt,
        queueReadAt: readAt,
        session: null,
        quietingDown: false,
        items: [],
      };
    }
    meter?.add("rounds_total", { master: this.name, state: source.state });
    this.#pace.afterRound(timing.monotonic());
    const { health, event } = afterReading(this.#health, { at: bus.clock.now(), session: source.session, error });
    this.#health = health;
    await this.#publish(source);
    if (event !== undefined) await this.#announce(event);
  }

  /** A master that said when to come again is obeyed; any other is asked again with back-off. */
  #pauseAfter(failure: unknown): number {
    const retry = failure instanceof KubestackError ? failure.retry : "backoff";
    if (typeof retry === "object") return Math.min(retry.afterMs, longestPauseMs);
    const limits = hasCode(failure, "master-unavailable") ? away : failing;
    return backoffMs(this.#failures, limits, this.#options.timing.random());
  }

  /** Publishes the round unless another process does so by now; then this one begins again in a term of its own. */
  async #publish(source: DemandSource): Promise<void> {
    const { bus, log } = this.#options;
    if (!this.#lease.isHeld()) return;
    try {
      this.#place ??= await this.#takePlace();
      const place = this.#place;
      this.#source = { ...source, term: place.term };
      const demand = { master: this.name, sources: [this.#source] };
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
      this.#pace.afterFailure(this.#nextRound);
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

function problemOf(error: unknown): { code: string; message: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unexpected";
  return { code, message: sentenceOf(error).slice(0, 4096) };
}
