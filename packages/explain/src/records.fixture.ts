import type {
  Completion,
  Demand,
  KeptMaster,
  MasterStatus,
  Plan,
  QueueItem,
  ServiceName,
  ServiceStatus,
  SlaveEventMessage,
  SlaveLife,
  SlaveRecord,
  SlaveState,
} from "@kubestack/contracts";
import { newLife } from "@kubestack/slave";

/** The moment that the tests take place, `2026-03-04T12:00Z`, in milliseconds. */
export const noon = 1_772_625_600_000;

const limits = {
  scheduleMs: 600_000,
  pullMs: 600_000,
  startMs: 300_000,
  connectMs: 120_000,
  idleMs: 300_000,
  maxAgeMs: 8 * 3_600_000,
  builds: 1,
};

type Part = "pod" | "node" | "secret" | "agent" | "builds" | "limits";
type LifeChange = { readonly [K in Part]?: Partial<SlaveLife[K]> } & Partial<Omit<SlaveLife, Part>>;

/** A slave's record in a state that it entered at `since`, with what a test wants otherwise. */
export function slave(
  name: string,
  state: SlaveState,
  options: { since?: number; master?: string; template?: string; life?: LifeChange } = {},
): SlaveRecord {
  const { since = noon, master = "backend", template = "maven", life: change = {} } = options;
  const life = newLife(limits, { at: since, reason: "for shop/api, queue item 412" });
  return {
    version: 1,
    op: "op",
    install: "prod-eu",
    master,
    name,
    epoch: "7f3k",
    number: 1,
    nonce: "nonce",
    template,
    labels: [template, "linux"],
    item: { id: "412", job: "shop/api", url: "http://ci/job/shop/job/api/", seenAt: since },
    namespace: "ci",
    state,
    life: {
      ...life,
      ...change,
      trail: change.trail ?? [{ state, at: since, reason: "for a test" }],
      pod: { ...life.pod, ...change.pod },
      node: { ...life.node, ...change.node },
      secret: { ...life.secret, ...change.secret },
      agent: { ...life.agent, ...change.agent },
      builds: { ...life.builds, ...change.builds },
      limits: { ...life.limits, ...change.limits },
    },
  };
}

export function item(id: string, change: Partial<QueueItem> = {}): QueueItem {
  return {
    id,
    job: "shop/api",
    url: "http://ci/job/shop/job/api/",
    wants: { kind: "expression", expression: "maven" },
    labelOrigin: "why",
    waitingSince: noon - 41_000,
    why: "Waiting for next available executor",
    ...change,
  };
}

export function demand(master: string, items: QueueItem[], change: Partial<Demand["sources"][number]> = {}): Demand {
  return {
    master,
    sources: [
      {
        name: "jenkins-queue",
        term: 1,
        round: 1,
        readAt: noon,
        queueReadAt: noon,
        state: "ok",
        session: "s",
        quietingDown: false,
        items,
        ...change,
      },
    ],
  };
}

export function plan(master: string, waiting: [item: string, code: string, reason: string][], launches = 0): Plan {
  return {
    master,
    at: noon,
    round: { source: "jenkins-queue", term: 1, round: 1 },
    launches:
      launches === 0
        ? []
        : [{ template: "maven", count: launches, shape: { cpu: "2", memory: "4Gi" }, reason: "for shop/api" }],
    waiting: waiting.map(([id, code, reason]) => ({ item: id, job: "shop/api", code, reason })),
    more: 0,
  };
}

export function masterStatus(master: string, change: Partial<MasterStatus> = {}): MasterStatus {
  return {
    master,
    state: "ok",
    detail: "answers",
    owner: "kubestackd-1a2b3c4d",
    waiting: 0,
    oldestWaitingSince: null,
    since: noon - 3_600_000,
    ...change,
  };
}

/** What is kept of a master that nobody ordered anything for. */
export function keptMaster(master: string, change: Partial<KeptMaster> = {}): KeptMaster {
  return { version: 1, op: "op", master, install: "prod-eu", entry: {}, removedAt: null, order: null, ...change };
}

export function serviceStatus(service: ServiceName, masters: MasterStatus[], change: Partial<ServiceStatus> = {}) {
  return {
    service,
    version: "0.1.0",
    install: "prod-eu",
    process: "kubestackd-1a2b3c4d",
    startedAt: noon - 3_600_000,
    clockOffsetMs: 0,
    ...(service === "slave-supervisor" ? { cluster: { state: "ok", detail: "watched" } as const } : {}),
    masters,
    ...change,
  } satisfies ServiceStatus;
}

export function slaveEvent(
  name: string,
  state: SlaveState,
  change: Partial<SlaveEventMessage> = {},
): SlaveEventMessage {
  return {
    slave: name,
    master: "backend",
    template: "maven",
    state,
    previous: null,
    reason: "for shop/api, queue item 412",
    at: noon,
    afterMs: null,
    step: 0,
    pod: { namespace: "ci", uid: null, node: null },
    build: null,
    outcome: null,
    ...change,
  };
}

export function completion(phase: Completion["phase"], change: Partial<Completion> = {}): Completion {
  return {
    master: "backend",
    phase,
    listener: "jenkins-computers",
    node: "ks-backend-7f3k2p",
    build: { url: "http://ci/job/shop/job/api/412/", number: 412 },
    result: null,
    at: noon,
    ...change,
  };
}
