import type { Bus, Lease } from "@kubestack/bus";
import {
  type Completion,
  channels,
  commands,
  type Demand,
  type DemandSource,
  keys,
  type MasterStatus,
  type SlaveLife,
  sentenceOf,
  subjects,
} from "@kubestack/contracts";
import type { Hooks } from "@kubestack/hooks";
import type { Master } from "@kubestack/jenkins";
import type { Meter } from "@kubestack/metrics";
import type { Logger, Timing } from "@kubestack/runtime";
import { factOf, idOf, openBuilds } from "./facts.ts";
import { Hints } from "./hints.ts";
import { type CompletionListenerConfig, connectCompletionListener, withComparing } from "./listeners/index.ts";
import { type ListedItem, toldForMs } from "./listeners/jenkins-computers/left-items.ts";
import type { CompletionListener, Finding, Shown } from "./listeners/listener.ts";

export interface MasterCompletionsOptions {
  readonly name: string;
  /** Undefined for one that is no Jenkins. */
  readonly master: Master | undefined;
  readonly listeners: readonly CompletionListenerConfig[];
  readonly bus: Bus;
  /** Where this process takes webhooks; default: nowhere. */
  readonly hooks?: Hooks | undefined;
  readonly log: Logger;
  readonly timing: Timing;
  /** Told what is counted; default: nobody counts. */
  readonly meter?: Meter | undefined;
}

/** Facts remembered so that none is published twice; older ones are forgotten first. */
const rememberedFacts = 10_000;
/** A hint is worth no longer wait than this, in milliseconds. */
const hintMs = 1000;

/** Readings that wait for their turn at most: each may show a whole fleet, and the newest ones tell what runs. */
const waitingReadings = 20;

/** Publishes each fact about one master's builds once, as long as it holds the lease. */
export class MasterCompletions {
  readonly name: string;
  readonly #options: MasterCompletionsOptions;
  readonly #listeners: readonly CompletionListener[];
  readonly #hints: Hints;
  readonly #lease: Lease;
  readonly #published = new Set<string>();
  readonly #ends: (() => void)[] = [];
  readonly #unsent: Completion[] = [];
  readonly #readings: Shown[] = [];
  #turn: Promise<void> = Promise.resolve();
  #hasBegun = false;
  /** The youngest round that came. */
  #newest: { readonly term: number; readonly round: number } | undefined;
  #since: number;

  constructor(options: MasterCompletionsOptions) {
    this.name = options.name;
    this.#options = options;
    const { master, log, bus, hooks, timing } = options;
    this.#since = bus.clock.now();
    this.#hints = new Hints({
      log,
      ask: (request) =>
        bus.request(commands.lookNow, { master: this.name, ...request }, { master: this.name, timeoutMs: hintMs }),
    });
    const configs = master === undefined ? options.listeners : withComparing(options.listeners);
    this.#listeners = configs.map((config) =>
      connectCompletionListener(config, {
        name: options.name,
        master,
        bus,
        hooks,
        log,
        found: (finding) => this.#publish(config.type, finding),
        hint: (hint) => {
          // Of several processes that hear the same push one is enough; what one alone hears, it must pass on.
          if (hint.isForOne === true || this.#lease.isHeld()) this.#hints.give(hint);
        },
        now: bus.clock.now,
        timing,
      }),
    );
    this.#lease = bus.lease(
      { service: "completion-collector", master: options.name },
      {
        onChange: (held, reason) => {
          this.#since = bus.clock.now();
          log.info({ master: this.name, held }, reason);
          if (held) this.#inTurn(() => this.#begin());
        },
        settled: () => this.#turn,
      },
    );
    this.#listen();
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end();
    await this.#turn;
    await Promise.all(this.#listeners.map((listener) => listener.stop()));
    await this.#hints.stop();
    await this.#lease.release();
    this.#options.master?.close();
  }

  status(): MasterStatus {
    const held = this.#lease.isHeld();
    return {
      master: this.name,
      state: held ? "ok" : "waiting",
      detail: [held ? "listens" : "another process holds the lease", ...this.#told()].join("; "),
      owner: this.#options.bus.process,
      waiting: null,
      oldestWaitingSince: null,
      since: this.#since,
    };
  }

  #told(): string[] {
    return this.#listeners.flatMap(({ describe }) => describe?.() ?? []);
  }

  #listen(): void {
    const { bus } = this.#options;
    this.#ends.push(
      bus.subscribe(channels.demand, subjects.demand(this.name), ({ data }) => {
        // Only the first source shows computers; its round comes again with each message that another one caused.
        if (!this.#isKnown(data.sources[0])) this.#sawRound(data);
      }),
      bus.subscribe(channels.look, subjects.look(this.name), ({ data }) =>
        this.#saw({ kind: "look", computers: data.computers, readAt: data.readAt, session: data.session }),
      ),
    );
  }

  /** Whoever listened until now told what is kept: what ran then and does not run now has ended since. */
  async #begin(): Promise<void> {
    const { bus } = this.#options;
    const kept = await bus.history(channels.completion, subjects.completionsOf(this.name), { limit: rememberedFacts });
    const facts = kept.map(({ data }) => data);
    for (const fact of facts) this.#published.add(factOf(fact));
    const items = await this.#itemsOfSlaves();
    for (const listener of this.#listeners) listener.recall(openBuilds(facts), items);
    this.#hasBegun = true;
    const last = await bus.readLast(channels.demand, subjects.demand(this.name));
    if (last !== undefined) this.#sawRound(last.data);
  }

  /** The queue items of slaves that live, or ended not long ago: each of them may be the one whose build nobody saw. */
  async #itemsOfSlaves(isMeant: (life: SlaveLife) => boolean = () => true): Promise<ListedItem[]> {
    const { bus, log } = this.#options;
    const records = await bus.slaves.list(keys.slavesOf(this.name), (problem) => log.warn(problem.message));
    const now = bus.clock.now();
    return records.flatMap(({ value: { item, state, life } }) => {
      const isLong = state === "deleted" && now - (life.trail.at(-1)?.at ?? 0) > toldForMs;
      // What another source told of is no item of the master's queue: nothing becomes of it there.
      const isListed = item !== null && item.source === undefined;
      return isListed && !isLong && isMeant(life) ? [item] : [];
    });
  }

  #sawRound({ sources: [source] }: Demand): void {
    if (source === undefined) return;
    if (this.#isAfterLostOnes(source)) this.#inTurn(() => this.#missedRounds());
    const { state, computers, readAt, items, session } = source;
    if (state === "ok" && computers !== undefined)
      this.#saw({ kind: "round", computers, readAt, queue: { items, session } });
  }

  #isKnown(source: DemandSource | undefined): boolean {
    return this.#newest?.term === source?.term && this.#newest?.round === source?.round;
  }

  /** Whether rounds between this one and the youngest before it have not come. */
  #isAfterLostOnes({ term, round }: DemandSource): boolean {
    const before = this.#newest;
    const isNext = before?.term === term && round <= before.round + 1;
    if (before === undefined || term > before.term || round > before.round) this.#newest = { term, round };
    return before !== undefined && term >= before.term && !isNext;
  }

  /** An item may have been listed in none but those: its build would be nobody's. */
  async #missedRounds(): Promise<void> {
    if (!this.#hasBegun || !this.#lease.isHeld()) return;
    const items = await this.#itemsOfSlaves(({ builds }) => builds.ran === 0 && builds.current === null);
    for (const listener of this.#listeners) listener.missed?.(items);
  }

  /** One reading after the other: what is compared must not change meanwhile. */
  #saw(shown: Shown): void {
    this.#readings.push(shown);
    if (this.#readings.length > waitingReadings) {
      // The turn of the one that is left out is taken by the next.
      this.#readings.shift();
      return;
    }
    this.#inTurn(async () => {
      const reading = this.#readings.shift();
      if (reading === undefined) return;
      if (!this.#lease.isHeld()) this.#hasBegun = false;
      else if (!this.#hasBegun) await this.#begin();
      if (!this.#hasBegun) return;
      for (const finding of this.#unsent.splice(0)) await this.#send(finding);
      for (const listener of this.#listeners) {
        try {
          await listener.saw(reading);
        } catch (error) {
          this.#options.log.warn({ master: this.name, listener: listener.name }, sentenceOf(error));
        }
      }
    });
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((error: unknown) => {
      this.#options.log.warn({ master: this.name }, sentenceOf(error));
    });
  }

  async #publish(listener: string, finding: Finding): Promise<void> {
    const fact = factOf(finding);
    // What is found while the lease is in doubt is found anew by the next reading, from what is kept.
    if (!this.#lease.isHeld()) this.#hasBegun = false;
    if (!this.#lease.isHeld() || this.#published.has(fact)) return;
    this.#published.add(fact);
    const [oldest] = this.#published;
    if (this.#published.size > rememberedFacts && oldest !== undefined) this.#published.delete(oldest);
    this.#options.log.info(
      { master: this.name, node: finding.node, build: finding.build.url, result: finding.result },
      `build ${finding.phase}`,
    );
    for (const one of this.#unsent.splice(0)) await this.#send(one);
    await this.#send({ master: this.name, listener, ...finding });
  }

  /** What NATS does not take is sent again with the next reading. */
  async #send(completion: Completion): Promise<void> {
    const { bus, log, meter } = this.#options;
    const { phase } = completion;
    try {
      const subject = subjects.completion(this.name, phase);
      await bus.publish(channels.completion, subject, completion, { id: idOf(this.name, factOf(completion)) });
      meter?.add("completions_total", { master: this.name, phase });
    } catch (error) {
      if (this.#unsent.length < rememberedFacts) this.#unsent.push(completion);
      log.warn({ master: this.name }, sentenceOf(error));
    }
  }
}
