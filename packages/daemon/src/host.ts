import type { Configuration, MasterConfig, MasterEntry } from "@kubestack/configuration";
import type { ServiceName } from "@kubestack/contracts";

/** A master as a service of this process is to serve it. */
export interface ServedMaster {
  readonly config: MasterConfig;
  readonly entry: MasterEntry;
  /** Whether the configuration names it still. */
  readonly isListed: boolean;
}

/** What concerns all masters alike. */
export type Common = Pick<
  Configuration,
  | "templates"
  | "templateEntries"
  | "templateDefaults"
  | "templateSources"
  | "masters"
  | "limits"
  | "nodePools"
  | "capacity"
>;

/** A service of this process, as far as its masters go. */
export interface Host {
  readonly service: ServiceName;
  /** Whether it has begun. */
  isReady(): boolean;
  /** What of a master's configuration concerns it: only another one of that is set anew. */
  concern(config: MasterConfig): object;
  /** Serves a master from now on, or serves it otherwise. */
  set(master: ServedMaster): Promise<void>;
  remove(name: string): Promise<void>;
  /** What is the same for all masters has changed. */
  change(common: Common): void;
  /** Whether this process owns a master there. */
  owns(name: string): boolean;
}
