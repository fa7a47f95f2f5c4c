import type { SlaveRecord } from "@kubestack/contracts";
import { fits, type LaunchIntent, launchKind, parseLabelExpression } from "@kubestack/demand";

/** What a decision said, and by which slaves. */
export interface Decided {
  readonly launches: readonly LaunchIntent[];
  /** Names of slaves that no item was given. */
  readonly surplus: readonly string[];
  readonly slaves: Iterable<{ readonly record: SlaveRecord }>;
  /** Templates, or sizes of one by their `launchKind`, whose unconnected slaves do not count, since their launches fail. */
  readonly held: ReadonlySet<string>;
  /** Templates that take builds without a label now: for slaves whose records do not say so. */
  readonly unlabelled: ReadonlySet<string>;
}

/**
 * How many of a decision's launches are second ones for their item: of the same decision, or beside a slave that was
 * launched for that very item, lives, has run nothing, fits it, and was left over. A slave that the master will give
 * to another item is not left over; one that is lost, leaves or belongs to a template that fails does not count. Pure.
 */
export function doubledItems({ launches, surplus, slaves, held, unlabelled }: Decided): number {
  const spare = new Set(surplus);
  const left = new Map<string, SlaveRecord[]>();
  for (const { record } of slaves) {
    if (record.item === null || !spare.has(record.name) || !isUnused(record)) continue;
    const { template, size } = record;
    if (record.state !== "online" && (held.has(template) || held.has(launchKind(template, size)))) continue;
    left.set(record.item.id, [...(left.get(record.item.id) ?? []), record]);
  }
  const seen = new Set<string>();
  return launches.filter(({ item }) => {
    const isAgain = seen.has(item.id);
    seen.add(item.id);
    const { wants } = item;
    if (isAgain || wants.kind === "unknown") return isAgain;
    const expression = wants.kind === "any" ? null : parseLabelExpression(wants.expression);
    return (left.get(item.id) ?? []).some((record) =>
      fits(expression, {
        labels: new Set([...record.labels, record.name]),
        unlabelled: record.unlabelled ?? unlabelled.has(record.template),
      }),
    );
  }).length;
}

function isUnused({ state, life }: SlaveRecord): boolean {
  const mayTakeOne = state === "requested" || state === "scheduled" || state === "online";
  return mayTakeOne && life.builds.ran === 0 && life.builds.current === null && life.agent.lostAt === null;
}
