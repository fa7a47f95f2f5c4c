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
  /** Whether a round of this start of the master listed it: then a master that tells of items tells of this one. */
  readonly isOfThisStart: boolean;
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

interface Known {
  readonly job: string;
  readonly isOfThisStart: boolean;
}

interface Open extends Known {
  readonly leftAt: number;
  asked: number;
  notBefore: number;
}

/**
 * Which items left the queue without any reading showing where they went: a build that is over between two readings is
 * on no executor in either, and its slave would wait for a build that it had already. An item outlives a restart of the
 * master and may be handed out before the first reading after it. After a crash its id may be another one's: what is told
 * of that one is true of it, and nothing is concluded for the job that is remembered.
 */
export class LeftItems {
  /** By the items' ids. */
  #listed = new Map<string, Known>();
  /** Undefined until the first round. */
  #session: string | null | undefined;
  readonly #open = new Map<string, Open>();
  readonly #shown = new Set<string>();

  /** Begins anew with items that were listed some time ago; whether the master was started anew since is not known. */
  recall(items: readonly ListedItem[]): void {
    this.#session = undefined;
    this.#open.clear();
    this.#shown.clear();
    this.#listed = knownOf(items, false);
  }

  /** Takes in items that rounds may have listed which were lost; what is known of one already stays. */
  missed(items: readonly ListedItem[]): void {
    for (const [id, known] of knownOf(items, false))
      if (!this.#open.has(id) && !this.#shown.has(id) && !this.#listed.has(id)) this.#listed.set(id, known);
  }

  /**
   * Takes a reading in and says which items to ask for now, oldest first. An item that left between the reading of the
   * computers and that of the queue is on an executor in the next reading, so nothing is asked before that one.
   */
  saw({ computers, queue, readAt }: Shown): LeftItem[] {
    if (queue !== undefined && this.#session === undefined) this.#session = queue.session;
    if (queue !== undefined && queue.session !== this.#session) this.#beginAnew(queue.session);
    for (const { builds } of computers) for (const { item } of builds) if (item !== undefined) this.#noteShown(item);
    if (queue === undefined) return [];
    const due = this.#due(readAt);
    const listed = knownOf(queue.items, true);
    for (const id of listed.keys()) this.#open.delete(id);
    for (const [id, known] of this.#listed) {
      if (listed.has(id) || this.#shown.has(id)) continue;
      this.#open.set(id, { ...known, leftAt: readAt, asked: 0, notBefore: 0 });
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

  /** In another start of the master, what waited may have left since, and what is known of executors says nothing. */
  #beginAnew(session: string | null): void {
    this.#session = session;
    const waited = [...this.#open, ...this.#listed].filter(([id]) => !this.#shown.has(id));
    this.#listed = new Map(waited.map(([id, { job }]) => [id, { job, isOfThisStart: false }]));
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
        const { job, leftAt, asked, isOfThisStart } = open;
        due.push({ id, job, leftAt, askedAt: now, asked, isOfThisStart });
        open.notBefore = now + againMs * 2 ** open.asked;
        open.asked += 1;
      }
    }
    return due;
  }
}

function knownOf(items: readonly ListedItem[], isOfThisStart: boolean): Map<string, Known> {
  return new Map(items.map(({ id, url }) => [id, { job: url, isOfThisStart }]));
}

function forgetOldest(of: Map<string, unknown> | Set<string>): void {
  const [oldest] = of.keys();
  if (of.size > limit && oldest !== undefined) of.delete(oldest);
}
