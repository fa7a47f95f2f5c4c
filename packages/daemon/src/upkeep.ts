import type { ReadConfiguration } from "@kubestack/configuration";
import { sentenceOf } from "@kubestack/contracts";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import type { Host } from "./host.ts";
import type { ServedMasters } from "./served-masters.ts";

/** How often the file is looked at, in milliseconds: a change is taken up after the second reading that shows it. */
const lookMs = 2_000;
/** How often what is kept of masters is read, in milliseconds. */
const keptMs = 5_000;

export interface UpkeepOptions {
  readonly configuration: { readonly read: ReadConfiguration; look(): Promise<boolean> };
  readonly served: Pick<ServedMasters, "readKept" | "pass">;
  /** The services of this process; they may come until `start`. */
  readonly hosts: readonly Pick<Host, "change">[];
  readonly timing: Timing;
  readonly log: Logger;
}

/** Keeps a process true to its configuration while it runs: looks at the file and at what is kept in NATS, again and again. */
export class Upkeep implements Stoppable {
  readonly name = "configuration";
  readonly #options: UpkeepOptions;
  readonly #ending = new AbortController();
  #waking = new AbortController();
  readonly #passes = new Set<Promise<void>>();
  #running: Promise<void> | undefined;
  #nextKept = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Resolves when every master that the configuration names is served, or it was told why one is not. */
  async start(): Promise<void> {
    await this.#pass();
    this.#running = this.#run();
  }

  /** Something has changed: the next pass begins now. */
  wake(): void {
    this.#waking.abort();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#waking.abort();
    await this.#running;
    await Promise.all(this.#passes);
  }

  async #run(): Promise<void> {
    const { timing, log } = this.#options;
    while (!this.#ending.signal.aborted) {
      this.#waking = new AbortController();
      await timing.sleep(lookMs, AbortSignal.any([this.#waking.signal, this.#ending.signal]));
      if (this.#ending.signal.aborted) return;
      // A master that is slow to be left holds up no later pass.
      const pass = this.#pass()
        .catch((error: unknown) => log.warn(`the masters could not be looked over: ${sentenceOf(error)}`))
        .finally(() => this.#passes.delete(pass));
      this.#passes.add(pass);
      await Promise.race([pass, timing.sleep(lookMs, this.#ending.signal)]);
    }
  }

  async #pass(): Promise<void> {
    const { configuration, served, hosts, timing } = this.#options;
    const isChanged = await configuration.look();
    if (isChanged) for (const host of hosts) host.change(configuration.read.configuration);
    const now = timing.monotonic();
    if (isChanged || now >= this.#nextKept) {
      this.#nextKept = now + keptMs;
      // A reading that NATS's end cuts off may never be over: what was known goes on.
      await Promise.race([served.readKept(), timing.sleep(keptMs, this.#ending.signal)]);
    }
    if (this.#ending.signal.aborted) return;
    await served.pass(configuration.read);
  }
}
