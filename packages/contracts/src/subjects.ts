import type { CapacityEventKind } from "./capacity.ts";
import type { LeasingServiceName } from "./commands.ts";
import type { CompletionPhase } from "./completion.ts";
import type { MasterEventKind } from "./master.ts";
import type { SlaveState } from "./slave.ts";

/**
 * A name as one token of a subject or key: every byte outside `A-Za-z0-9-` becomes `_` and two hex digits, so that
 * different names stay different. An empty name has no token.
 */
export function tokenOf(name: string): string {
  if (name === "") throw new RangeError("An empty name has no subject token.");
  let token = "";
  for (const byte of new TextEncoder().encode(name)) {
    const character = String.fromCharCode(byte);
    token += /[A-Za-z0-9-]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
  }
  return token;
}

/** The name that `tokenOf` turned into this token; undefined where the token is no such encoding. */
export function nameOf(token: string): string | undefined {
  if (!/^(?:[A-Za-z0-9-]|_[0-9a-f]{2})+$/.test(token)) return undefined;
  const bytes: number[] = [];
  for (let at = 0; at < token.length; at += 1) {
    if (token[at] === "_") {
      bytes.push(Number.parseInt(token.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(token.charCodeAt(at));
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** Every subject that KubeStack uses. No other file spells one. */
export const subjects = {
  demand: (master: string) => `kubestack.demand.${tokenOf(master)}`,
  allDemand: "kubestack.demand.*",
  externalDemand: (master: string) => `kubestack.external.demand.${tokenOf(master)}`,
  look: (master: string) => `kubestack.look.${tokenOf(master)}`,
  hooked: (master: string) => `kubestack.hooked.${tokenOf(master)}`,
  plan: (master: string) => `kubestack.plan.${tokenOf(master)}`,
  allPlans: "kubestack.plan.*",
  completion: (master: string, phase: CompletionPhase) => `kubestack.completion.${tokenOf(master)}.${phase}`,
  completionsOf: (master: string) => `kubestack.completion.${tokenOf(master)}.*`,
  externalCompletion: (master: string) => `kubestack.external.completion.${tokenOf(master)}`,
  slave: (of: { master: string; template: string; state: SlaveState }) =>
    `kubestack.slave.${tokenOf(of.master)}.${tokenOf(of.template)}.${of.state}`,
  allSlaves: "kubestack.slave.*.*.*",
  slavesOf: (master: string) => `kubestack.slave.${tokenOf(master)}.*.*`,
  master: (master: string, event: MasterEventKind) => `kubestack.master.${tokenOf(master)}.${event}`,
  allMasters: "kubestack.master.*.*",
  capacity: (pool: string, event: CapacityEventKind) => `kubestack.capacity.${tokenOf(pool)}.${event}`,
  capacityOf: (pool: string) => `kubestack.capacity.${tokenOf(pool)}.*`,
  allCapacity: "kubestack.capacity.*.*",
  /** Where the program that makes a pool's nodes is asked. */
  pool: (pool: string, what: "status" | "scale" | "remove") => `kubestack.pool.${tokenOf(pool)}.${what}`,
  templates: "kubestack.templates",
  /** Where the processes of a service tell each other that they live, and what they serve. */
  member: (service: LeasingServiceName) => `kubestack.member.${service}`,
  /** Where a process answers that it lives, by its name. */
  alive: (process: string) => `kubestack.alive.${tokenOf(process)}`,
  /** A command of a service; with a master where the process that owns it must answer. */
  rpc: (service: string, name: string, master?: string) =>
    `kubestack.rpc.${service}.${name}${master === undefined ? "" : `.${tokenOf(master)}`}`,
} as const;

/** Keys of the KV buckets. */
export const keys = {
  slave: (master: string, slave: string) => `${tokenOf(master)}.${tokenOf(slave)}`,
  slavesOf: (master: string) => `${tokenOf(master)}.*`,
  ledger: (master: string) => tokenOf(master),
  /** Beside the ledgers; no name of a master becomes this key. */
  sharedCaps: "all.caps",
  /** The one value of its bucket. */
  store: "store",
  master: (master: string) => tokenOf(master),
  template: (name: string) => tokenOf(name),
  hookedJob: (master: string, id: string) => `${tokenOf(master)}.${tokenOf(id)}`,
  hookedJobsOf: (master: string) => `${tokenOf(master)}.*`,
  /** `digest` is the delivery's, in hex digits. */
  delivery: (master: string, digest: string) => `${tokenOf(master)}.${digest}`,
  pool: (pool: string) => tokenOf(pool),
  lease: (service: string, master: string) => `${service}.${tokenOf(master)}`,
} as const;
