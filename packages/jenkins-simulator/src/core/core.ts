import { KubestackError } from "@kubestack/contracts";
import type { Job, JobSpec, Result } from "./job.ts";
import { createLabelIndex } from "./label-index.ts";
import { maintain } from "./maintenance.ts";
import { builtInNode, type MasterNode, type NodeSpec } from "./node.ts";
import {
  bringOnline,
  type ConfiguredNode,
  connectAgent,
  createNode,
  deleteNode,
  disconnectAgent,
  markOffline,
  nodeNamed,
  reloadNodes,
} from "./nodes.ts";
import { type BuildOptions, cancelItem, dropItem, itemsOf, jobNamed, moveTo, triggerBuild } from "./queue-entry.ts";
import { seededRandom } from "./random.ts";
import { type RestartOptions, restart } from "./restart.ts";
import {
  type CoreEvent,
  type CoreSettings,
  type MasterState,
  type QueueItem,
  tell,
  touch,
  type Veto,
  type Work,
} from "./state.ts";
import { createTimeline } from "./timeline.ts";
import { masterVersion, type Wording } from "./versions.ts";
import { whyOf } from "./why.ts";
import { wordsOf } from "./words.ts";
import { endRun, endWork, timeIsUp } from "./work.ts";

/** Everything that has a default. */
export interface CoreOptions extends Partial<CoreSettings> {
  /** Default 2.579. */
  readonly wording?: Wording | undefined;
  /** Executors of the master itself. Default 0. */
  readonly builtInExecutors?: number | undefined;
  /** What time it is, in ms: read before anything is done. Default: time stands still until it is advanced. */
  readonly clock?: (() => number) | undefined;
}

/**
 * A master without its HTTP: all that happens in it, by its own clock, decided by what was done to it and by its seed.
 * Functions that name what is not there raise KubestackError (not-found, already-exists, master-refused).
 */
export interface MasterCore {
  readonly state: MasterState;
  nowMs(): number;
  /** Lets time pass; what falls due happens in its order. */
  advance(ms: number): void;
  advanceTo(atMs: number): void;
  /** When something will happen by itself; null: nothing will. */
  nextAtMs(): number | null;
  /** Calls `run` once at `atMs` of the master's clock. */
  at(atMs: number, run: () => void): void;
  /** Does several things as one: the queue is looked at once, after them. */
  batch(act: () => void): void;
  createJob(spec: JobSpec): void;
  deleteJob(name: string): void;
  /** A sentence that keeps all items of the job from becoming buildable; null: no more. */
  blockJob(name: string, because: string | null): void;
  /** The id of the queue's item: of the one that waits already, where they are equal. */
  build(name: string, options?: BuildOptions): number;
  cancel(id: number): "cancelled" | "started" | "gone";
  /** Ends what runs of a build (default: of every build of the job): for durations of null, or sooner than planned. */
  finishBuild(name: string, end?: { number?: number; result?: Result }): void;
  stopBuild(name: string, number: number): void;
  /** When whoever asked is answered. */
  createNode(spec: NodeSpec): number;
  deleteNode(name: string): number;
  markOffline(name: string, message?: string, user?: string): void;
  bringOnline(name: string): void;
  connect(name: string): void;
  disconnect(name: string): void;
  quietDown(): void;
  cancelQuietDown(): void;
  restart(options?: RestartOptions): void;
  reloadConfiguration(nodes: readonly ConfiguredNode[]): void;
  /** Single refusals, as throttling plugins make them; null: none. */
  refuse(veto: Veto | null): void;
  items(): QueueItem[];
  why(id: number): string | null;
  node(name: string): MasterNode;
  job(name: string): Job;
  works(): readonly Work[];
  /** What was cut off by the removal of its node, the loss of its agent, or for want of its node: the invariant is that KubeStack causes none. */
  killed(): CoreEvent[];
  /** Tells of each event from now on; the answer ends that. */
  subscribe(listener: (event: CoreEvent) => void): () => void;
}

const defaults: CoreSettings = {
  startMs: Date.UTC(2026, 0, 1),
  seed: 1,
  assignment: "jenkins",
  nodeLockMs: 0,
  handOffMs: 0,
  nodeTimeoutMs: 300_000,
  leftItemMs: 300_000,
  knowsKeepProperty: true,
};

function newState(options: CoreOptions): MasterState {
  const { wording, builtInExecutors, clock, ...settings } = options;
  const all = { ...defaults, ...(clock === undefined ? {} : { startMs: clock() }), ...settings };
  const version = masterVersion(wording ?? "2.579");
  const random = seededRandom(all.seed);
  const builtIn = builtInNode(version.builtInName, builtInExecutors ?? 0);
  const labels = createLabelIndex();
  labels.add(builtIn);
  return {
    settings: all,
    version,
    words: wordsOf(version),
    random,
    timeline: createTimeline(),
    labels,
    jobs: new Map(),
    nodes: new Map(),
    builtIn,
    available: new Set(builtIn.executors.length > 0 ? [builtIn] : []),
    stages: { waiting: new Map(), blocked: new Map(), buildable: new Map(), pending: new Map() },
    left: new Map(),
    flyweight: new Set(),
    works: [],
    interrupted: new Set(),
    events: [],
    listeners: new Set(),
    veto: null,
    nowMs: all.startMs,
    session: random.hex(8),
    phase: "running",
    quietingDown: false,
    nextItemId: 1,
    lockFreeAtMs: all.startMs,
    revision: 0,
    needsMaintenance: false,
  };
}

export function createMasterCore(options: CoreOptions = {}): MasterCore {
  const state = newState(options);
  let depth = 0;
  let wakeAtMs = -1;

  /** Looks at the queue until nothing changes any more, unless its lock is held: then when it is free. */
  function settle(): void {
    while (depth === 0 && state.needsMaintenance && state.phase === "running") {
      if (state.lockFreeAtMs > state.nowMs) {
        if (wakeAtMs !== state.lockFreeAtMs) {
          wakeAtMs = state.lockFreeAtMs;
          state.timeline.at(wakeAtMs, () => touch(state));
        }
        return;
      }
      state.needsMaintenance = false;
      maintain(state);
    }
  }

  function act<T>(change: () => T): T {
    if (depth === 0 && options.clock !== undefined) advanceTo(options.clock());
    return settled(change);
  }

  function settled<T>(change: () => T): T {
    depth += 1;
    try {
      return change();
    } finally {
      depth -= 1;
      settle();
    }
  }

  function advanceTo(atMs: number): void {
    for (let due = state.timeline.take(atMs); due !== null; due = state.timeline.take(atMs)) {
      state.nowMs = Math.max(state.nowMs, due.atMs);
      settled(due.run);
    }
    state.nowMs = Math.max(state.nowMs, atMs);
    settle();
  }

  const running = (name: string, number?: number) =>
    state.works.filter(
      (work) =>
        work.job === name &&
        work.startedAtMs !== null &&
        work.endedAtMs === null &&
        (number === undefined || work.number === number),
    );

  return {
    state,
    nowMs: () => state.nowMs,
    advance: (ms) => advanceTo(state.nowMs + ms),
    advanceTo,
    nextAtMs: () => state.timeline.nextAtMs(),
    at: (atMs, run) => void state.timeline.at(Math.max(atMs, state.nowMs), run),
    batch: (change) => act(change),
    createJob: (spec) =>
      act(() => {
        if (state.jobs.has(spec.name)) {
          throw new KubestackError("already-exists", `A job already exists with the name ‘${spec.name}’`, {
            retry: "never",
          });
        }
        state.jobs.set(spec.name, { spec, runs: [], items: new Set(), blockedBecause: null });
        touch(state);
      }),
    deleteJob: (name) => act(() => removeJob(state, jobNamed(state, name))),
    blockJob: (name, because) => act(() => setBlockage(state, jobNamed(state, name), because)),
    build: (name, build = {}) => act(() => triggerBuild(state, name, build).item.id),
    cancel: (id) => act(() => cancelItem(state, id)),
    finishBuild: (name, end = {}) =>
      act(() => {
        for (const work of running(name, end.number)) {
          if (end.result === undefined) timeIsUp(state, work);
          else endWork(state, work, { by: "itself", result: end.result });
        }
      }),
    stopBuild: (name, number) =>
      act(() => {
        for (const work of running(name, number)) endWork(state, work, { by: "stopped" });
        dropItemsOf(state, name, number);
      }),
    createNode: (spec) => act(() => createNode(state, spec)),
    deleteNode: (name) => act(() => deleteNode(state, name)),
    markOffline: (name, message = "", user = "admin") => act(() => markOffline(state, name, { message, user })),
    bringOnline: (name) => act(() => bringOnline(state, name)),
    connect: (name) => act(() => connectAgent(state, name)),
    disconnect: (name) => act(() => disconnectAgent(state, name)),
    quietDown: () =>
      act(() => {
        state.quietingDown = true;
        tell(state, { kind: "quieting-down" });
        touch(state);
      }),
    cancelQuietDown: () =>
      act(() => {
        state.quietingDown = false;
        touch(state);
      }),
    restart: (down = {}) => {
      act(() => restart(state, down));
      advanceTo(state.nowMs);
    },
    reloadConfiguration: (nodes) => act(() => reloadNodes(state, nodes)),
    refuse: (veto) =>
      act(() => {
        state.veto = veto;
        touch(state);
      }),
    items: () => itemsOf(state),
    why: (id) => {
      const item = itemsOf(state).find((one) => one.id === id) ?? state.left.get(id);
      return item === undefined ? null : whyOf(state, item);
    },
    node: (name) => nodeNamed(state, name),
    job: (name) => jobNamed(state, name),
    works: () => state.works,
    killed: () => state.events.filter((event) => event.kind === "killed"),
    subscribe(listener) {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
  };
}

function removeJob(state: MasterState, job: Job): void {
  for (const work of state.works) {
    if (work.run?.job === job && work.endedAtMs === null) endWork(state, work, { by: "stopped" });
  }
  for (const item of itemsOf(state)) if (item.task.job === job) dropItem(state, item);
  state.jobs.delete(job.spec.name);
  touch(state);
}

/** What was buildable is looked at again, as a real pass does with each item. */
function setBlockage(state: MasterState, job: Job, because: string | null): void {
  job.blockedBecause = because;
  touch(state);
  if (because === null) return;
  for (const item of [...state.stages.buildable.values()]) {
    if (item.task.job !== job) continue;
    item.blockedBecause = because;
    moveTo(state, item, "blocked");
  }
}

/** Blocks and combinations of a stopped run that still wait go with it. */
function dropItemsOf(state: MasterState, name: string, number: number): void {
  for (const item of itemsOf(state)) {
    const { task } = item;
    if (task.job.spec.name !== name || (task.kind !== "block" && task.kind !== "combination")) continue;
    if (task.run.number !== number) continue;
    dropItem(state, item);
    endWork(state, item.work, { by: "stopped" });
  }
  const run = state.jobs.get(name)?.runs.find((one) => one.number === number && one.combination === "");
  if (run !== undefined && state.flyweight.has(run)) endRun(state, run, "ABORTED");
}
