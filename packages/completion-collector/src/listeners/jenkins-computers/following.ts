import { sentenceOf } from "@kubestack/contracts";
import type { ListenerContext, Shown } from "../listener.ts";
import { followItem } from "./follow.ts";
import { type LeftItem, LeftItems } from "./left-items.ts";

/** An item that left this recently, in milliseconds, is told of by any master that tells of such items at all. */
const surelyToldMs = 60_000;

/** Follows items that left the queue unseen to their builds: one after the other, beside the comparing of readings. */
export class Following {
  readonly #context: ListenerContext;
  readonly #left = new LeftItems();
  readonly #waiting: LeftItem[] = [];
  #running: Promise<void> | undefined;
  #session: string | null | undefined;
  /** Whether the master, since its start, is known to tell nothing, as Hudson is. */
  #tellsNothing = false;
  #isStopped = false;

  constructor(context: ListenerContext) {
    this.#context = context;
  }

  /** Begins anew with items that may have left while another process, or none, listened. */
  recall(items: readonly string[]): void {
    this.#left.recall(items);
    this.#waiting.length = 0;
  }

  saw(shown: Shown): void {
    if (shown.queue !== undefined && shown.queue.session !== this.#session) {
      this.#session = shown.queue.session;
      this.#tellsNothing = false;
      this.#waiting.length = 0;
    }
    const due = this.#left.saw(shown);
    if (this.#tellsNothing || this.#isStopped) return;
    this.#waiting.push(...due);
    if (this.#waiting.length > 0) this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let item = this.#waiting.shift(); item !== undefined; item = this.#waiting.shift()) {
      if (this.#isStopped) break;
      if (this.#left.isOpen(item.id)) await this.#follow(item);
    }
    this.#running = undefined;
  }

  async #follow(item: LeftItem): Promise<void> {
    const { master, log, found } = this.#context;
    try {
      const fate = await followItem(master, item);
      if (fate.kind === "open") return;
      this.#left.settle(item.id);
      if (fate.kind === "untold" && item.askedAt - item.leftAt < surelyToldMs) {
        this.#tellsNothing = true;
        this.#waiting.length = 0;
      }
      if (fate.kind !== "over") return;
      log.info({ build: fate.placed.build.url, node: fate.placed.node }, "a build that no reading showed");
      await found({ phase: "started", ...fate.placed, result: null, at: item.askedAt });
      await found({ phase: "finished", ...fate.placed, result: fate.result, at: item.askedAt });
    } catch (error) {
      // It comes due again; a master that does not answer is told of elsewhere.
      log.debug({ item: item.id }, `where it went is not known: ${sentenceOf(error)}`);
    }
  }
}
