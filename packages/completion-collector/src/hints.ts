import { type LookRequest, mostNodesAsked, sentenceOf } from "@kubestack/contracts";
import type { Logger } from "@kubestack/runtime";
import type { Hint } from "./listeners/listener.ts";

export interface HintsOptions {
  /** Asks whoever reads the master to look; must end within a time of its own. */
  readonly ask: (request: Pick<LookRequest, "nodes" | "until">) => Promise<unknown>;
  readonly log: Logger;
}

/**
 * Passes hints on, one request at a time: what comes meanwhile goes into the next one, so that any number of hints makes
 * few requests. One that fails is not repeated, since the next round shows everything.
 */
export class Hints {
  readonly #options: HintsOptions;
  readonly #waiting: Record<LookRequest["until"], Set<string>> = { seen: new Set(), idle: new Set() };
  /** Somewhere, at a node that was not named. */
  #isSomewhere = false;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: HintsOptions) {
    this.#options = options;
  }

  /** Takes a hint; never raises. */
  give({ node, until }: Hint): void {
    if (this.#isStopped) return;
    const names = this.#waiting[until];
    if (node === null || names.size >= mostNodesAsked) this.#isSomewhere = true;
    else names.add(node);
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let next = this.#next(); next !== undefined && !this.#isStopped; next = this.#next()) {
      try {
        await this.#options.ask(next);
      } catch (error) {
        this.#options.log.debug(`a hint was not passed on: ${sentenceOf(error)}`);
      }
    }
    this.#running = undefined;
  }

  #next(): Pick<LookRequest, "nodes" | "until"> | undefined {
    for (const until of ["idle", "seen"] as const) {
      const nodes = [...this.#waiting[until]];
      this.#waiting[until].clear();
      if (nodes.length > 0) return { nodes, until };
    }
    if (!this.#isSomewhere) return undefined;
    this.#isSomewhere = false;
    return { nodes: [], until: "seen" };
  }
}
