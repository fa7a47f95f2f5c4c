import { sentenceOf } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { ListenerContext, Shown } from "../listener.ts";
import { followItem } from "./follow.ts";
import { type Ended, endedBuildsOf } from "./follow-job.ts";
import { type LeftItem, LeftItems, type ListedItem } from "./left-items.ts";

/** An item that left this recently, in milliseconds, is told of by any master that tells of such items at all. */
const surelyToldMs = 60_000;
/** Builds remembered that readings showed, at most; the oldest are forgotten first. */
const shownLimit = 10_000;

/** Follows items that left the queue unseen to their builds: one after the other, beside the comparing of readings. */
export class Following {
  readonly #context: Pick<ListenerContext, "log" | "found"> & { readonly master: Master };
  readonly #left = new LeftItems();
  #waiting: LeftItem[] = [];
  #nodes: ReadonlySet<string> = new Set();
  /** Addresses of builds that readings showed. */
  readonly #shown = new Set<string>();
  #running: Promise<void> | undefined;
  #session: string | null | undefined;
  /** Whether the master, since its start, is known to tell nothing of items, as Hudson is: then their jobs are asked. */
  #tellsNothing = false;
  #isStopped = false;

  constructor(context: Pick<ListenerContext, "log" | "found"> & { readonly master: Master }) {
    this.#context = context;
  }

  /** Begins anew with items that may have left while another process, or none, listened. */
  recall(items: readonly ListedItem[]): void {
    this.#left.recall(items);
    this.#waiting = [];
  }

  /** Items that may have been listed, and have left, in rounds that were lost. */
  missed(items: readonly ListedItem[]): void {
    this.#left.missed(items);
  }

  saw(shown: Shown): void {
    for (const { builds } of shown.computers) for (const { url } of builds) this.#noteShown(url);
    if (shown.queue !== undefined) {
      this.#nodes = new Set(shown.computers.map(({ name }) => name));
      if (shown.queue.session !== this.#session) {
        this.#session = shown.queue.session;
        this.#tellsNothing = false;
        this.#waiting = [];
      }
    }
    const due = this.#left.saw(shown);
    if (this.#isStopped) return;
    this.#waiting.push(...due);
    if (this.#waiting.length > 0) this.#running ??= this.#run();
  }

  #noteShown(url: string): void {
    this.#shown.add(url);
    const [oldest] = this.#shown;
    if (this.#shown.size > shownLimit && oldest !== undefined) this.#shown.delete(oldest);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let item = this.#waiting.shift(); item !== undefined; item = this.#waiting.shift()) {
      if (this.#isStopped) break;
      if (!this.#left.isOpen(item.id)) continue;
      try {
        await (this.#tellsNothing ? this.#followJob(item) : this.#followItem(item));
      } catch (error) {
        // It comes due again; a master that does not answer is told of elsewhere.
        this.#context.log.debug({ item: item.id }, `where it went is not known: ${sentenceOf(error)}`);
      }
    }
    this.#running = undefined;
  }

  async #followItem(item: LeftItem): Promise<void> {
    const fate = await followItem(this.#context.master, item);
    if (fate.kind === "open") return;
    if (fate.kind === "untold" && item.askedAt - item.leftAt < surelyToldMs) {
      // One that left before the master was started anew is told of by none.
      if (item.isOfThisStart) this.#tellsNothing = true;
      return this.#followJob(item);
    }
    this.#left.settle(item.id);
    if (fate.kind === "over") await this.#tell(fate, item.askedAt);
  }

  /** All items of the job at once: which of its builds is whose is not told, and need not be known. */
  async #followJob({ id, job, askedAt }: LeftItem): Promise<void> {
    const ids = [id, ...this.#waiting.filter((other) => other.job === job).map((other) => other.id)];
    const isShown = (url: string): boolean => this.#shown.has(url);
    const ended = await endedBuildsOf(this.#context.master, { job, count: ids.length, isShown });
    for (const one of ids) this.#left.settle(one);
    // What ran on nodes that are gone is the past.
    for (const one of ended) if (this.#nodes.has(one.placed.node)) await this.#tell(one, askedAt);
  }

  async #tell({ placed, result }: Ended, at: number): Promise<void> {
    const { found } = this.#context;
    await found({ phase: "started", ...placed, result: null, at });
    await found({ phase: "finished", ...placed, result, at });
  }
}
