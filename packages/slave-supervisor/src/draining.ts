import type { Forgotten, SlaveRecord } from "@kubestack/contracts";
import { givenUpReason } from "./forgetting.ts";
import type { MasterScope } from "./master-scope.ts";

/** Whether a slave of a master that is drained has still to be told to leave. One that is busy goes after its build. */
export function isToLeave({ state, life }: Pick<SlaveRecord, "state" | "life">): boolean {
  if (state === "requested" || state === "scheduled" || state === "online") return true;
  return state === "busy" && life.limits.builds !== 1 && !life.goesAfterBuild;
}

/** Whether a slave of a master that was given up has still to be told so. */
export function isToBeGivenUp({ state, life }: Pick<SlaveRecord, "state" | "life">): boolean {
  return state !== "deleted" && (state !== "draining" || life.node.removedAt === null || life.held !== null);
}

/**
 * Tells every slave of a master that is drained to leave, by the way that ends no build: mark, two looks, and then only. Where
 * the master was given up nothing is waited for there.
 */
export function drainAll(scope: MasterScope): void {
  const { roster, options, standing } = scope;
  const { forgotten } = standing;
  if (forgotten !== undefined) giveUpAll(scope, forgotten);
  const { reason, isDraining } = standing.launching;
  if (forgotten !== undefined || !isDraining || reason === undefined) return;
  const at = options.bus.clock.now();
  for (const slave of roster.all()) {
    if (!isToLeave(slave.record)) continue;
    void roster.apply(slave, (record) =>
      isToLeave(record) ? [{ type: "drain.requested", reason, outcome: "withdrawn", at }] : [],
    );
  }
}

function giveUpAll({ roster, options }: MasterScope, forgotten: Forgotten): void {
  const { bus, name } = options;
  const reason = givenUpReason(name, forgotten);
  for (const slave of roster.all()) {
    if (!isToBeGivenUp(slave.record)) continue;
    void roster.apply(slave, (record) =>
      isToBeGivenUp(record) ? [{ type: "master.forgotten", reason, at: bus.clock.now() }] : [],
    );
  }
}
