import type { Outcome, SlaveRecord } from "@kubestack/contracts";
import { newLife } from "@kubestack/slave";
import type { BuildSeen, FaultDone, History } from "./history.ts";

const limits = { scheduleMs: 1, pullMs: 1, startMs: 1, connectMs: 1, idleMs: 1, maxAgeMs: 1, builds: 1 };

/** The record of a slave of `alpha` that is over. */
export function recordOf(number: number, outcome: Outcome): SlaveRecord {
  const life = newLife(limits, { at: 1_000, reason: "for python" });
  return {
    version: 1,
    op: "op",
    install: "chaos",
    master: "alpha",
    name: slaveOf(number),
    epoch: "abcd",
    number,
    nonce: "nonce",
    template: "python",
    labels: ["python"],
    item: null,
    namespace: "ci",
    state: "deleted",
    life: { ...life, outcome, trail: [...life.trail, { state: "deleted", at: 9_000, reason: "all is gone" }] },
  };
}

export function slaveOf(number: number): string {
  return `ks-alpha-abcd${number}`;
}

/** A build of `alpha` that ended well on the slave of its own number. */
export function buildOf(number: number, changed: Partial<BuildSeen> = {}): BuildSeen {
  return {
    master: "alpha",
    job: "python",
    number,
    queuedAt: 500,
    startedAt: 3_000,
    endedAt: 5_000,
    node: slaveOf(number),
    result: "SUCCESS",
    endedBy: "itself",
    ...changed,
  };
}

export function podOf(number: number, uid = `uid-of-${number}`) {
  return { uid, name: slaveOf(number), master: "alpha", slave: slaveOf(number) };
}

export function faultOf(changed: Partial<FaultDone>): FaultDone {
  return {
    kind: "pod.evict",
    target: "pod",
    beganAt: 4_000,
    endedAt: 4_000,
    victims: [],
    probe: "alpha",
    detail: "",
    ...changed,
  };
}

/** Three builds, three slaves, and nothing wrong. */
export function goodHistory(): History {
  return {
    beganAt: 0,
    endedAt: 10_000,
    cutBecause: null,
    builds: [buildOf(1), buildOf(2), buildOf(3)],
    kills: [],
    records: [recordOf(1, "served"), recordOf(2, "served"), recordOf(3, "served")],
    ledgers: [{ version: 1, op: "op", master: "alpha", owner: "o", term: 2, epoch: "abcd", next: 4, live: [] }],
    pods: [podOf(1), podOf(2), podOf(3)],
    crowds: [],
    leftovers: [],
    faults: [],
    takeovers: [],
    startedAgain: [],
    sightings: [],
  };
}
