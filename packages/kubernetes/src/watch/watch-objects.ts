import { hasCode, KubestackError } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";
import type { Timing } from "../connection/timing.ts";
import { watchBackoffMs } from "./backoff.ts";
import { LineTooLong } from "./lines.ts";
import { listObjects, type RawObject } from "./list-objects.ts";
import { ObjectCache, type ObjectChange, type ObservedList, type ObservedObject } from "./object-cache.ts";
import { createObservers } from "./observers.ts";
import { readEvents, type WatchEvent } from "./read-events.ts";
import { compareRevisions } from "./revision.ts";
import { createWatchStatus, type WatchStatus } from "./watch-status.ts";

/** A set of objects of one API path, kept up to date. */
export interface ObjectSource<T> {
  /** By name; by `namespace/name` where the path spans namespaces. */
  get(name: string): T | undefined;
  all(): T[];
  /** Resolves after the first whole list; rejects if the source is stopped before. */
  readonly synced: Promise<void>;
  status(): WatchStatus;
  /** Adds a handler; answers a function that takes it away. What a handler throws goes to `onError` and nowhere else. */
  onChange(handler: (change: ObjectChange<T>) => void): () => void;
  /** Lists now, whatever the interval; resolves when the list is applied, rejects when it failed. */
  resync(): Promise<void>;
  /** Ends everything; resolves when no request is left. */
  stop(): Promise<void>;
}

export interface WatchObjectsOptions<T> {
  readonly cluster: Connection;
  /** The collection, such as `/api/v1/namespaces/ci-agents/pods` or `/api/v1/nodes`. */
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** The slim, own form of an object, which is all that is kept; null for an object that is not of interest. */
  readonly project: (object: RawObject) => T | null;
  /** The first handler; see `onChange`. */
  readonly onEvent?: (change: ObjectChange<T>) => void;
  /** Is told each failure of the source (KubestackError) and whatever a handler threw. */
  readonly onError?: (error: unknown) => void;
  /** Between whole lists. Default 60,000. */
  readonly resyncMs?: number;
  /** A watch that says nothing for so long is opened anew; no error. Default 90,000. */
  readonly silenceMs?: number;
  /** For one page, and for the whole list of a resync. Default 30,000. */
  readonly listTimeoutMs?: number;
  /** Default 16 MiB. */
  readonly largestEventBytes?: number;
  /** Default: the cluster's. */
  readonly timing?: Timing;
}

/** A watch that ended sooner than this and told nothing new did not work, even if it says nothing of an error. */
const shortestUsefulWatchMs = 1_000;

/**
 * Lists, watches and keeps a set of objects until stopped: resumes after breaks, lists anew when the server has forgotten
 * our place, and compares with a whole list at each resync. Failures never end it; they show in `status` and `onError`.
 */
export function watchObjects<T>(options: WatchObjectsOptions<T>): ObjectSource<T> {
  const { cluster, path, resyncMs = 60_000, silenceMs = 90_000, listTimeoutMs = 30_000 } = options;
  const timing = options.timing ?? cluster.timing;
  const cache = new ObjectCache<T>();
  const stopping = new AbortController();
  const selectors = { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector };
  const observers = createObservers<T>(options);
  const spansNamespaces = !/\/namespaces\/[^/]+\//.test(path);
  const status = createWatchStatus(timing);
  let lists = 0;
  let failures = 0;
  let openedAt: number | undefined;
  let openedFrom = cache.revision;
  let endWatch = new AbortController();
  let runningResync: Promise<void> | undefined;

  const { promise: synced, resolve: firstListed, reject: neverListed } = Promise.withResolvers<void>();
  // A caller that does not wait for the first list must not be ended by its absence.
  synced.catch(() => undefined);

  function observe(object: RawObject): ObservedObject<T> {
    const { name, namespace, uid, resourceVersion } = object.metadata;
    const key = spansNamespaces && namespace !== undefined ? `${namespace}/${name}` : name;
    return { name: key, uid, revision: resourceVersion, value: options.project(object) };
  }

  const list = (from: "latest" | "cached") =>
    listObjects({
      connection: cluster,
      path,
      selectors,
      from,
      observe,
      timeoutMs: listTimeoutMs,
      signal: stopping.signal,
    });

  function apply(fresh: ObservedList<T>): void {
    const first = lists === 0;
    lists += 1;
    observers.tell(cache.applyList(fresh));
    if (first) firstListed();
  }

  function replace(fresh: ObservedList<T>): void {
    lists += 1;
    observers.tell(cache.replaceAll(fresh));
  }

  async function relist(): Promise<void> {
    const known = cache.revision;
    const fresh = await list("latest");
    if (cache.isStale(fresh, known)) replace(fresh);
    else apply(fresh);
    status.synced();
  }

  /** A whole list beside the running watch: it tells what the watch has missed, whatever the reason. */
  async function compareWithList(from: "cached" | "latest"): Promise<void> {
    cache.beginList();
    const [known, before] = [cache.revision, lists];
    const fresh = await list(from);
    // The watch had to begin anew meanwhile and brought a newer list.
    if (lists !== before) return;
    if (!cache.isStale(fresh, known)) apply(fresh);
    // An API server that lags behind the one we watched, or a store that went back: the store itself knows which.
    else if (from === "cached") await compareWithList("latest");
    else {
      replace(fresh);
      endWatch.abort(
        new KubestackError(
          "cluster-unavailable",
          `The store of ${cluster.server} went back to an earlier state; ${path} is watched anew from there.`,
        ),
      );
    }
  }

  function resync(): Promise<void> {
    runningResync ??= (lists > 0 ? compareWithList("cached") : synced)
      .catch((error: unknown) => {
        // No answer to a list: the watch beside it is likely dead too, however quiet it is about that. It reports the failure.
        if (hasCode(error, "cluster-unavailable")) endWatch.abort(error);
        else if (!stopping.signal.aborted) {
          status.failed(error);
          observers.report(error);
        }
        throw error;
      })
      .finally(() => {
        runningResync = undefined;
      });
    return runningResync;
  }

  function take(event: WatchEvent): void {
    if (event.type === "BOOKMARK") cache.advance(event.revision);
    else if (event.type === "DELETED") observers.tell(cache.remove(observe(event.object)));
    else observers.tell(cache.put(observe(event.object)));
  }

  async function watchOnce(): Promise<void> {
    endWatch = new AbortController();
    openedAt = undefined;
    openedFrom = cache.revision;
    const end = await readEvents({
      connection: cluster,
      path,
      selectors,
      revision: cache.revision,
      timeoutSeconds: 240 + Math.floor(timing.random() * 60),
      silenceMs,
      largestEventBytes: options.largestEventBytes ?? 16 * 1024 * 1024,
      signal: AbortSignal.any([stopping.signal, endWatch.signal]),
      onOpen: () => {
        openedAt = timing.now();
        status.synced();
      },
      onEvent: take,
    });
    if (end.kind === "relist") throw new Relist(end.why);
    if (!wasUseful())
      throw new KubestackError(
        "cluster-unavailable",
        `The watch of ${path} at ${cluster.server} was closed at once; it is opened again.`,
      );
    failures = 0;
    // While very many pods change, an API server closes watches that it can't serve as fast: the next goes on from there.
    if (!wasLong()) await timing.sleep(watchBackoffMs(1, timing.random()), stopping.signal);
  }

  const wasLong = () => openedAt !== undefined && timing.now() - openedAt >= shortestUsefulWatchMs;
  const wasUseful = () => wasLong() || compareRevisions(cache.revision, openedFrom) > 0;

  async function run(): Promise<void> {
    let needsList = true;
    while (!stopping.signal.aborted) {
      try {
        if (needsList) await relist();
        needsList = false;
        await watchOnce();
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures = wasUseful() ? 1 : failures + 1;
        openedAt = undefined;
        needsList ||= hasLostPlace(error);
        status.disconnected(error);
        observers.report(error);
        await timing.sleep(watchBackoffMs(failures, timing.random(), retryAfter(error)), stopping.signal);
      }
    }
  }

  async function resyncAtIntervals(): Promise<void> {
    while (!stopping.signal.aborted) {
      await timing.sleep(resyncMs * (0.9 + timing.random() * 0.2), stopping.signal);
      // Also while no watch can be opened: what is held is then at most one interval old.
      if (!stopping.signal.aborted && lists > 0) await resync().catch(() => undefined);
    }
  }

  const ended = Promise.all([run(), resyncAtIntervals()]);

  return {
    get: (name) => cache.get(name),
    all: () => cache.all(),
    synced,
    status: status.now,
    onChange: observers.add,
    resync,
    async stop() {
      stopping.abort();
      observers.clear();
      neverListed(
        new KubestackError("cluster-unavailable", `The watch of ${path} was stopped before its first list.`, {
          retry: "never",
        }),
      );
      await ended;
    },
  };
}

/** The server says that the place to resume from is no longer known. */
class Relist extends Error {
  constructor(why: string) {
    super(`the watch must begin from a new list: ${why}`);
    this.name = "Relist";
  }
}

/** After these, the same place would fail again: the next try begins from a list. 410 may come as an event or as an answer. */
function hasLostPlace(error: unknown): boolean {
  return error instanceof Relist || error instanceof LineTooLong || hasCode(error, "stale-revision");
}

function retryAfter(error: unknown): number {
  return error instanceof KubestackError && typeof error.retry === "object" ? error.retry.afterMs : 0;
}
