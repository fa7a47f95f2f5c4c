import type { Bus, Service } from "@kubestack/bus";
import type { Caps } from "@kubestack/demand";
import type { Cluster, ObjectSource, PodObservation } from "@kubestack/kubernetes";
import type { Logger, Timing } from "@kubestack/runtime";
import type { TemplateConfig } from "@kubestack/templates";
import type { AttachMode, AttachTarget } from "./attach/attach-mode.ts";
import type { SharedCaps } from "./caps/shared-caps.ts";
import type { DemandView } from "./demand-view.ts";
import type { LedgerKeeper } from "./ledger-keeper.ts";
import type { MasterMeasures } from "./measures/master-measures.ts";
import type { NodeBudget } from "./node-budget/node-budget.ts";
import type { StoreView } from "./resync/store-keeper.ts";
import type { Roster } from "./roster.ts";
import type { Standing } from "./standing.ts";

/** What the configuration says of a master; it may change while its slaves live. */
export interface MasterSettings {
  /** Its entry of the configuration, to be kept: secrets are references there. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** Whether the configuration names it still. One that it does not is drained, and then left. */
  readonly isListed: boolean;
  readonly attach: AttachMode;
  readonly target: AttachTarget;
  /** In the order in which they are tried; those that serve this master. */
  readonly templates: readonly TemplateConfig[];
  readonly maxSlaves: number;
  /** How much cpu, in thousandths of a core, and memory, in bytes, its slaves may ask for at once. Default: any amount. */
  readonly ownCaps?: Caps;
  /** Its part of what it shares with other masters, against theirs. Default 1. */
  readonly weight?: number;
  /** Whether two offline nodes are kept that make the master show labels. */
  readonly anchors: "auto" | "off";
  /** Nodes made and removed a second; `auto` finds out what the master bears. */
  readonly nodeOpsPerSecond: number | "auto";
  readonly launchesPerMinute: number;
  /** How long a person may hold a slave at most. */
  readonly maxHoldMs: number;
  /** From the start of one round of the master to the next. */
  readonly intervalMs: number;
}

/** What one master's supervisor is given. */
export interface MasterOptions extends MasterSettings {
  readonly install: string;
  readonly name: string;
  readonly namespace: string;
  readonly bus: Bus;
  /** Which store `bus` leads to, and whether it has the installation. */
  readonly store: StoreView;
  readonly service: Service;
  readonly cluster: Cluster;
  readonly pods: ObjectSource<PodObservation>;
  /** The caps that it shares with other masters. Default: there are none. */
  readonly sharedCaps?: SharedCaps;
  /** Why this process can't do a supervisor's work now, in words that go after its name; empty: it can. Default: it always can. */
  readonly unable?: () => string;
  /** Whether all templates are known: before that one that is not there may only not be known yet. Default: they are. */
  readonly templatesAreWhole?: () => boolean;
  readonly log: Logger;
  readonly timing: Timing;
  /** Told what is counted; default: nobody counts. */
  readonly measures?: MasterMeasures | undefined;
}

/** What the parts of one master's supervisor share. */
export interface MasterScope {
  readonly options: MasterOptions;
  readonly roster: Roster;
  readonly demand: DemandView;
  readonly nodes: NodeBudget;
  /** How the master stands: what is ordered for it, and whether it is still to be served. */
  readonly standing: Standing;
  /** Ids of the queue items for which, by the last decision, no slave comes now: a cap is full, or nothing is launched. */
  readonly unserved: ReadonlySet<string>;
  /** Undefined while this process does not own the master. */
  readonly ledger: LedgerKeeper | undefined;
  isOwner(): boolean;
  /** Whether the ledger was compared with the pods since it was taken over, in a store that has the installation. */
  isTrusted(): boolean;
}
