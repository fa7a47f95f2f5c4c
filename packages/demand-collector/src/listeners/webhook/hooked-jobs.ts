import type { Bus, ReadEntry } from "@kubestack/bus";
import { buckets, type HookedJob, hasCode, keys } from "@kubestack/contracts";
import type { JobEvent } from "@kubestack/hooks";
import type { Logger } from "@kubestack/runtime";
import { nextJob } from "./next-job.ts";

/** How long a job is known after what was told of it last, in milliseconds. */
export const keptMs = 24 * 60 * 60_000;
/** Jobs of one master that wait or run, at most. */
export const mostLive = 20_000;
/** How many there are is counted no more often than this, in milliseconds. */
const countedMs = 10_000;
/**
 * What was read whole longer ago is read anew, in milliseconds: of what ran out a marker tells, and not for ever, and a store
 * that was put back may have gone on past what is known of it.
 */
const followedMs = buckets.hooks.markerMs / 2;
/** What can't be read is told of so many jobs. */
const mostUnreadable = 100;
/** How often an event is tried that another process got in the way of. */
const attempts = 10;

/** By their keys. */
type Jobs = ReadonlyMap<string, HookedJob>;

/** Everything that is known, as far as it can be read. */
export interface KnownJobs {
  readonly jobs: readonly HookedJob[];
  /** What of it can't be read, at least, as whoever keeps it says: a later release may have written it. */
  readonly unreadable: readonly string[];
}

export interface HookedJobsOptions {
  readonly master: string;
  readonly bus: Pick<Bus, "hooks">;
  readonly log: Logger;
  /** NATS's time in milliseconds. */
  readonly now: () => number;
}

/** What webhooks told of one master's jobs. It is in NATS: any process may take a delivery, and a restart loses none. */
export class HookedJobs {
  readonly #options: HookedJobsOptions;
  /** What was read whole at a time, and followed since up to a revision of the bucket. */
  #read: { readonly revision: number; readonly madeAt: number; readonly at: number; readonly jobs: Jobs } | undefined;
  /** What could not be read since all was. */
  #unreadable = new Set<string>();
  /** How many wait or run: as counted, and as added since. */
  #live: { count: number; readonly at: number } | undefined;
  #counting: Promise<void> | undefined;

  constructor(options: HookedJobsOptions) {
    this.#options = options;
  }

  /** Keeps what an event tells. `full`: too many wait. Raises what NATS raises: then it is to be told again. */
  async take(event: JobEvent): Promise<"kept" | "nothing new" | "full"> {
    const { bus, master, now } = this.#options;
    const key = keys.hookedJob(master, event.id);
    for (let attempt = 1; ; attempt += 1) {
      const known = await bus.hooks.get(key);
      const next = nextJob(known, event, now());
      if (next === undefined) return "nothing new";
      if (known === undefined && next.state !== "over" && (await this.#isFull())) return "full";
      try {
        if (known === undefined) await bus.hooks.create(key, next, { ttlMs: keptMs });
        else await bus.hooks.update(known, next, { ttlMs: keptMs });
        if (known === undefined && next.state !== "over" && this.#live !== undefined) this.#live.count += 1;
        return "kept";
      } catch (error) {
        if (attempt >= attempts || !hasCode(error, "stale-revision", "already-exists")) throw error;
      }
    }
  }

  /** All that is known, and of that only what changed is read. Raises where NATS does not answer: never nothing. */
  async all(): Promise<KnownJobs> {
    const { bus, now } = this.#options;
    const before = this.#read;
    const at = now();
    // Before the reading: what is written meanwhile is read again by the next one.
    const { lastRevision: revision, madeAt } = await bus.hooks.info();
    const isGoingOn =
      before !== undefined && before.madeAt === madeAt && before.revision <= revision && at - before.at < followedMs;
    if (!isGoingOn) this.#read = { revision, madeAt, at, jobs: await this.#readAll() };
    else if (before.revision < revision) this.#read = { ...before, revision, jobs: await this.#follow(before) };
    return { jobs: [...(this.#read?.jobs.values() ?? [])], unreadable: [...this.#unreadable] };
  }

  async #readAll(): Promise<Jobs> {
    const unreadable = new Set<string>();
    const entries = await this.#list(unreadable);
    this.#unreadable = unreadable;
    return new Map(entries.map(({ key, value }) => [key, value]));
  }

  /** On a copy: what fails in the middle is read again. */
  async #follow({ revision, jobs }: { readonly revision: number; readonly jobs: Jobs }): Promise<Jobs> {
    const { bus, master } = this.#options;
    const next = new Map(jobs);
    await bus.hooks.changes({
      filter: keys.hookedJobsOf(master),
      after: revision,
      handle: (key, entry) => {
        if (entry === undefined) next.delete(key);
        else next.set(key, entry.value);
      },
      onUnreadable: ({ message }) => this.#tell(message, this.#unreadable),
    });
    return next;
  }

  #list(unreadable = new Set<string>()): Promise<ReadEntry<HookedJob>[]> {
    const { bus, master } = this.#options;
    return bus.hooks.list(keys.hookedJobsOf(master), ({ message }) => this.#tell(message, unreadable));
  }

  #tell(message: string, unreadable: Set<string>): void {
    const { log, master } = this.#options;
    log.warn({ master }, message);
    if (unreadable.size < mostUnreadable) unreadable.add(message);
  }

  async #isFull(): Promise<boolean> {
    const { now } = this.#options;
    if (this.#live === undefined || now() - this.#live.at >= countedMs) {
      this.#counting ??= this.#count().finally(() => {
        this.#counting = undefined;
      });
      await this.#counting;
    }
    return (this.#live?.count ?? 0) >= mostLive;
  }

  async #count(): Promise<void> {
    const at = this.#options.now();
    const entries = await this.#list();
    this.#live = { count: entries.filter(({ value }) => value.state !== "over").length, at };
  }
}
