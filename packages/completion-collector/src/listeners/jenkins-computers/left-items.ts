import type { Shown } from "../listener.ts";

/** An item that left the queue and was not seen on any executor: where it went has to be asked. */
export interface LeftItem {
  readonly id: string;
  /** The address of its job. */
  readonly job: string;
  /** The reading after which it was not listed any more, in milliseconds of NATS's time. */
  readonly leftAt: number;
  /** The reading that shows it nowhere and so makes it worth asking for, by the same clock. */
  readonly askedAt: number;
  /** How often it was asked for before. */
  readonly asked: number;
}

/** An item as the queue lists it, as far as it matters here. */
export interface ListedItem {
  readonly id: string;
  /** The address of its job. */
  readonly url: string;
}

/** A master tells where an item went for about this long, in milliseconds. */
export const toldForMs = 5 * 60_000;
/** The pause before an item is asked for a second time, in milliseconds; doubled with each further time. */
const againMs = 2_000;
/** Items remembered at most, of each sort; the oldest are forgotten first. */
const limit = 10_000;

interface Open {
  readonly job: string;
  readonly leftAt: number;
  asked: number;
  notBefore: number;
}

/**
 * Which items left the queue without any reading showing where they went: a build that is over between two readings is
 * on no executor in either, and its slave would wait for a build that it had already. Ids are of one session of the master.
 */
export class LeftItems {
  /** The jobs' addresses by the items' ids. */
  #listed = new Map<string, string>();
  /** Undefined until the first round. */
  #session: string | null | undefined;
  readonly #open = new Map<string, Open>();
  readonly #shown = new Set<string>();

  /** Begins anew with items that were listed some time ago; whether the master was started anew since is not known. */
  recall(items: readonly ListedItem[]): void {
    this.#begin(undefined);
    this.#listed = jobsOf(items);
  }

  /** Takes in items that rounds may have listed which were lost; what is known of one already stays. */
  missed(items: readonly ListedItem[]): void {
    for (const { id, url } of items)
      if (!this.#open.has(id) && !this.#shown.has(id) && !this.#listed.has(id)) this.#listed.set(id, url);
  }

  /**
   * Takes a reading in and says which items to ask for now, oldest first. An item that left between the reading of the
   * computers and that of the queue is on an executor in the next reading, so nothing is asked before that one.
   */
  saw({ computers, queue, readAt }: Shown): LeftItem[] {
    if (queue !== undefined && this.#session === undefined) this.#session = queue.session;
    if (queue !== undefined && queue.session !== this.#session) this.#begin(queue.session);
    for (const { builds } of computers) for (const { item } of builds) if (item !== undefined) this.#noteShown(item);
    if (queue === undefined) return [];
    const due = this.#due(readAt);
    const listed = jobsOf(queue.items);
    for (const id of listed.keys()) this.#open.delete(id);
    for (const [id, job] of this.#listed) {
      if (listed.has(id) || this.#shown.has(id)) continue;
      this.#open.set(id, { job, leftAt: readAt, asked: 0, notBefore: 0 });
      forgetOldest(this.#open);
    }
    this.#listed = listed;
    return due.filter(({ id }) => this.#open.has(id));
  }

  /** Whether it is still not known where this item went. */
  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** Where it went is known, or will never be: it is asked for no more. */
  settle(id: string): void {
    this.#open.delete(id);
  }

  #begin(session: string | null | undefined): void {
    this.#session = session;
    this.#listed = new Map();
    this.#open.clear();
    this.#shown.clear();
  }

  #noteShown(id: string): void {
    this.#open.delete(id);
    this.#shown.delete(id);
    this.#shown.add(id);
    forgetOldest(this.#shown);
  }

  #due(now: number): LeftItem[] {
    const due: LeftItem[] = [];
    for (const [id, open] of this.#open) {
      if (now - open.leftAt > toldForMs) this.#open.delete(id);
      else if (open.notBefore <= now) {
        due.push({ id, job: open.job, leftAt: open.leftAt, askedAt: now, asked: open.asked });
        open.notBefore = now + againMs * 2 ** open.asked;
        open.asked += 1;
      }
    }
    return due;
  }
}

function jobsOf(items: readonly ListedItem[]): Map<string, string> {
  return new Map(items.map(({ id, url }) => [id, url]));
}

function forgetOldest(of: Map<string, unknown> | Set<string>): void {
  const [oldest] = of.keys();
  if (of.size > limit && oldest !== undefined) of.delete(oldest);
}
