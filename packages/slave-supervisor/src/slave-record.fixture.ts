import type { SlaveLife, SlaveLimits, SlaveRecord, SlaveState } from "@kubestack/contracts";
import { newLife, type SlaveEvent, slaveName, step } from "@kubestack/slave";
import { type TemplateConfig, templateConfigSchema } from "@kubestack/templates";

export const minuteMs = 60_000;

export const limits: SlaveLimits = {
  scheduleMs: 10 * minuteMs,
  pullMs: 10 * minuteMs,
  startMs: 5 * minuteMs,
  connectMs: 2 * minuteMs,
  idleMs: 5 * minuteMs,
  maxAgeMs: 480 * minuteMs,
  builds: 1,
};

type Untimed<E> = E extends SlaveEvent ? Omit<E, "at"> & { at?: number } : never;
/** An event that need not say when: a second after the one before. */
export type Told = Untimed<SlaveEvent>;

export const bornAt = 1_000_000;

const usual: readonly Told[] = [
  { type: "pod.accepted", uid: "uid-1" },
  { type: "node.registered" },
  { type: "secret.created" },
];

/** How a slave comes into each state by the usual way. */
export const ways: Readonly<Record<SlaveState, readonly Told[]>> = {
  requested: [],
  scheduled: usual,
  online: [...usual, { type: "agent.online" }],
  busy: [...usual, { type: "agent.online" }, { type: "build.started", url: "job/a/1/" }],
  draining: [
    ...usual,
    { type: "agent.online" },
    { type: "build.started", url: "job/a/1/" },
    { type: "offline.marked" },
    { type: "build.finished", url: "job/a/1/" },
  ],
  deleted: [{ type: "pod.refused", reason: "quota" }, { type: "pod.gone", reason: "gone" }, { type: "secret.gone" }],
};

/** A slave's record after these events; `changed` is put over it, and `own` over its limits. */
export function recordAfter(
  events: readonly Told[],
  changed: Partial<SlaveRecord> = {},
  own: Partial<SlaveLimits> = {},
): SlaveRecord {
  const number = changed.number ?? 1;
  const master = changed.master ?? "m";
  let state: SlaveState = "requested";
  let life: SlaveLife = newLife({ ...limits, ...own }, { at: bornAt, reason: "for app, queue item 7" });
  events.forEach((event, index) => {
    ({ state, life } = step(state, life, { at: bornAt + 1000 * (index + 1), ...event } as SlaveEvent));
  });
  return {
    version: 1,
    op: "op",
    install: "test",
    master,
    name: slaveName({ master, epoch: "abcd", number }),
    epoch: "abcd",
    number,
    nonce: `nonce-${number}`,
    template: "python",
    labels: ["python"],
    item: { id: "7", job: "app", url: "job/app/", seenAt: bornAt - 1000 },
    namespace: "ci",
    state,
    life,
    ...changed,
  };
}

/** How a slave comes to where its pod was lost under a build, and to where another one is on its way. */
export const relaunching: Readonly<Record<"lost" | "next" | "ready", readonly Told[]>> = (() => {
  const lost: readonly Told[] = [
    ...ways.busy,
    { type: "offline.marked" },
    { type: "pod.ended", reason: "the pod was evicted", failure: "evicted" },
  ];
  const next: readonly Told[] = [...lost, { type: "pod.gone", reason: "gone" }];
  return { lost, next, ready: [...next, { type: "pod.accepted", uid: "uid-2" }, { type: "secret.created" }] };
})();

/** The record of a slave whose pod one other may follow, there. */
export function recordRelaunching(of: keyof typeof relaunching, changed: Partial<SlaveRecord> = {}): SlaveRecord {
  return recordAfter(relaunching[of], changed, { relaunch: 1 });
}

/** A slave's record in a state. */
export function recordIn(state: SlaveState, changed: Partial<SlaveRecord> = {}): SlaveRecord {
  return recordAfter(ways[state], changed);
}

export function template(entry: Record<string, unknown> = {}): TemplateConfig {
  return templateConfigSchema.parse({ name: "python", labels: ["python"], image: "python:3", ...entry });
}
