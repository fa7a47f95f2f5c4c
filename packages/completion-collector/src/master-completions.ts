import type { Bus, Lease } from "@kubestack/bus";
import { channels, type Demand, keys, type MasterStatus, sentenceOf, subjects } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { Logger } from "@kubestack/runtime";
import { type CompletionListenerConfig, connectCompletionListener } from "./listeners/index.ts";
import type { CompletionListener, Finding, Shown } from "./listeners/listener.ts";

export interface MasterCompletionsOptions {
  readonly name: string;
  readonly master: Master;
  readonly listeners: readonly CompletionListenerConfig[];
  readonly bus: Bus;
  readonly log: Logger;
}

/** Facts remembered so that none is published twice; older ones are forgotten first. */
const rememberedFacts = 10_000;

/** Publishes each fact about one master's builds once, as long as it holds the lease. */
export class MasterCompletions {
  readonly name: string;
  readonly #options: MasterCompletionsOptions;
  readonly #listeners: readonly CompletionListener[];
  readonly #lease: Lease;
  readonly #published = new Set<string>();
  readonly #ends: (() => void)[] = [];
  #turn: Promise<void> = Promise.resolve();
  #since: number;

  constructor(options: MasterCompletionsOptions) {
    this.name = options.name;
    this.#options = options;
    const { master, log, bus } = options;
    this.#since = bus.clock.now();
    this.#listeners = options.listeners.map((config) =>
      connectCompletionListener(config, {
        master,
        log,
        now: bus.clock.now,
        found: (finding) => this.#publish(config.type, finding),
      }),
    );
    this.#lease = bus.lease(keys.lease("completion-collector", options.name), {
      onChange: (held, reason) => {
        this.#since = bus.clock.now();
        log.info({ master: this.name, held }, reason);
      },
    });
    void this.#lease.held.then(() => this.#begin());
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end();
    await this.#turn;
    await Promise.all(this.#listeners.map((listener) => listener.stop()));
    await this.#lease.release();
    this.#options.master.close();
  }

  status(): MasterStatus {
    const held = this.#lease.isHeld();
    return {
      master: this.name,
      state: held ? "ok" : "waiting",
      detail: held ? "listens" : "another process holds the lease",
      owner: this.#options.bus.process,
      waiting: null,
      oldestWaitingSince: null,
      since: this.#since,
    };
  }

  async #begin(): Promise<void> {
    const { bus } = this.#options;
    const kept = await bus
      .history(channels.completion, subjects.completionsOf(this.name), { limit: rememberedFacts })
      .catch(() => []);
    for (const { data } of kept) this.#published.add(factOf(data));
    this.#ends.push(
      bus.subscribe(channels.demand, subjects.demand(this.name), ({ data }) => this.#sawRound(data)),
      bus.subscribe(channels.look, subjects.look(this.name), ({ data }) =>
        this.#saw({ kind: "look", computers: data.computers, readAt: data.readAt }),
      ),
    );
    const last = await bus.readLast(channels.demand, subjects.demand(this.name)).catch(() => undefined);
    if (last !== undefined) this.#sawRound(last.data);
  }

  #sawRound(demand: Demand): void {
    for (const { state, computers, readAt } of demand.sources)
      if (state === "ok" && computers !== undefined) this.#saw({ kind: "round", computers, readAt });
  }

  /** One reading after the other: what is compared must not change meanwhile. */
  #saw(shown: Shown): void {
    this.#turn = this.#turn.then(async () => {
      for (const listener of this.#listeners) {
        try {
          await listener.saw(shown);
        } catch (error) {
          this.#options.log.warn({ master: this.name, listener: listener.name }, sentenceOf(error));
        }
      }
    });
  }

  async #publish(listener: string, finding: Finding): Promise<void> {
    const fact = factOf(finding);
    if (!this.#lease.isHeld() || this.#published.has(fact)) return;
    this.#published.add(fact);
    const [oldest] = this.#published;
    if (this.#published.size > rememberedFacts && oldest !== undefined) this.#published.delete(oldest);
    const { bus, log } = this.#options;
    const completion = { master: this.name, listener, ...finding };
    log.info(
      { master: this.name, node: finding.node, build: finding.build.url, result: finding.result },
      `build ${finding.phase}`,
    );
    try {
      const subject = subjects.completion(this.name, finding.phase);
      await bus.publish(channels.completion, subject, completion, { id: `${this.name}/${fact}` });
    } catch (error) {
      this.#published.delete(fact);
      log.warn({ master: this.name }, sentenceOf(error));
    }
  }
}

function factOf(finding: Pick<Finding, "phase" | "build" | "node">): string {
  return `${finding.phase} ${finding.node ?? "?"} ${finding.build.url}`;
}
