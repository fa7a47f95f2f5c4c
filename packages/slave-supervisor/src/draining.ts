import type { SlaveRecord } from "@kubestack/contracts";
import type { MasterScope } from "./master-scope.ts";

/** Whether a slave of a master that is drained has still to be told to leave. One that is busy goes after its build. */
export function isToLeave({ state, life }: Pick<SlaveRecord, "state" | "life">): boolean {
  if (state === "requested" || state === "scheduled" || state === "online") return true;
  return state === "busy" && life.limits.builds !== 1 && !life.goesAfterBuild;
}

/** Tells every slave of a master that is drained to leave, by the way that ends no build: mark, two looks, and then only. */
export function drainAll({ roster, options, standing }: MasterScope): void {
  const { reason, isDraining } = standing.launching;
  if (!isDraining || reason === undefined) return;
  const at = options.bus.clock.now();
  for (const slave of roster.all()) {
    if (!isToLeave(slave.record)) continue;
    void roster.apply(slave, (record) =>
      isToLeave(record) ? [{ type: "drain.requested", reason, outcome: "withdrawn", at }] : [],
    );
  }
}
