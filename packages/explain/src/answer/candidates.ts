import type { PoolStanding, QueueItem, SlaveRecord } from "@kubestack/contracts";
import { masterNames } from "../seen/master-names.ts";
import type { Observation } from "../seen/observation.ts";
import { labelsIn } from "./labels-in.ts";

/** What can be explained. */
export type Found =
  | { readonly kind: "item"; readonly master: string; readonly item: QueueItem }
  | { readonly kind: "slave"; readonly record: SlaveRecord }
  | { readonly kind: "label"; readonly label: string }
  | { readonly kind: "master"; readonly master: string }
  | { readonly kind: "pool"; readonly pool: PoolStanding };

/** One of the things that can be explained, and the names that people call it by. */
export interface Candidate {
  readonly found: Found;
  /** Its whole name for people, such as `slave ks-backend-7f3k2p`. */
  readonly name: string;
  readonly calledBy: readonly string[];
}

/** Everything that can be explained; of one master only where `master` names it. */
export function candidatesOf(seen: Observation, master?: string): Candidate[] {
  // The last round and plan of a master that was left stay in their streams.
  const known = new Set(masterNames(seen));
  const isAsked = (name: string): boolean => known.has(name) && (master === undefined || name === master);
  const masters = [...known].filter(isAsked);
  const items = [...seen.rounds].flatMap(([name, { source }]) =>
    isAsked(name) ? source.items.map((item) => ({ master: name, item })) : [],
  );
  const slaves = seen.slaves.filter((record) => master === undefined || record.master === master);
  const labels = new Set([
    ...items.flatMap(({ item }) => labelsIn(item.wants)),
    ...slaves.flatMap((record) => record.labels),
    ...[...seen.plans.values()].flatMap((plan) =>
      isAsked(plan.master) ? (plan.templates ?? []).flatMap((template) => template.labels) : [],
    ),
  ]);
  return [
    ...items.map(({ master: of, item }) => ({
      found: { kind: "item" as const, master: of, item },
      name: `queue item ${item.id} of ${of} (${item.job})`,
      calledBy: [item.id, item.job],
    })),
    ...slaves.map((record) => ({
      found: { kind: "slave" as const, record },
      name: `slave ${record.name}`,
      calledBy: [record.name],
    })),
    ...[...labels].map((label) => ({
      found: { kind: "label" as const, label },
      name: `label ${label}`,
      calledBy: [label],
    })),
    ...masters.map((of) => ({
      found: { kind: "master" as const, master: of },
      name: `master ${of}`,
      calledBy: [of],
    })),
    // Pools are no master's.
    ...(master === undefined ? (seen.pools?.pools ?? []) : []).map((pool) => ({
      found: { kind: "pool" as const, pool },
      name: `pool ${pool.pool}`,
      calledBy: [pool.pool],
    })),
  ];
}
