import type { Computer, DemandSource, QueueItem, SlaveState } from "@kubestack/contracts";
import type { LaunchTemplate } from "./shortfall.ts";
import type { KnownSlave, Supply } from "./supply.ts";

/** A waiting item; by default it asks for `python` and is as old as its id says. */
export function item(id: number, wants = "python"): QueueItem {
  return {
    id: String(id),
    job: `job ${id}`,
    url: `queue/item/${id}/`,
    wants: wants === "" ? { kind: "any" } : { kind: "expression", expression: wants },
    labelOrigin: "why",
    waitingSince: id * 1000,
    why: "",
  };
}

export function supply(name: string, of: Partial<Supply> = {}): Supply {
  return { name, labels: ["python"], stage: "online", template: "python", unlabelled: false, ...of };
}

export function template(name: string, of: Partial<LaunchTemplate> = {}): LaunchTemplate {
  return { name, labels: [name], unlabelled: false, room: { slaves: 100, cap: "100/100 slaves" }, ...of };
}

export function computer(name: string, of: Partial<Computer> = {}): Computer {
  return {
    name,
    online: true,
    markedOffline: false,
    idle: true,
    executors: 1,
    labels: ["python", name],
    builds: [],
    ...of,
  };
}

export function round(number: number, computers: readonly Computer[], items: readonly QueueItem[] = []): DemandSource {
  return {
    name: "jenkins-queue",
    term: 1,
    round: number,
    readAt: number * 2000,
    queueReadAt: number * 2000 + 100,
    state: "ok",
    session: "s1",
    quietingDown: false,
    items: [...items],
    computers: [...computers],
  };
}

export function slave(name: string, state: SlaveState, of: Partial<KnownSlave> = {}): KnownSlave {
  return {
    record: { name, state, labels: ["python"], template: "python" },
    shownOnline: false,
    unlabelled: false,
    ...of,
  };
}
