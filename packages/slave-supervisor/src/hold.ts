import {
  channels,
  type HoldRequest,
  type HoldTold,
  KubestackError,
  printDuration,
  type ReleaseRequest,
  type SlaveState,
  subjects,
} from "@kubestack/contracts";
import { refusedHold, toldHold } from "@kubestack/slave";
import { livingSlave } from "./living-slave.ts";
import type { MasterScope } from "./master-scope.ts";

/**
 * Keeps a slave for somebody who looks into it. Raises `already-exists`, with the reason, where there is nothing to keep or it is
 * asked for too long a time.
 */
export async function hold(scope: MasterScope, request: HoldRequest): Promise<HoldTold> {
  const { roster, options } = scope;
  const { slave: name, by, reason, forMs } = request;
  const { bus, maxHoldMs, log } = options;
  const slave = livingSlave(scope, name);
  const refusal = tooLong(forMs, maxHoldMs) ?? refusedHold(slave.record);
  if (refusal !== undefined) throw refused(refusal);
  const at = bus.clock.now();
  const event = { type: "hold.requested", by, reason, until: at + forMs, at } as const;
  await roster.apply(slave, () => [event]);
  const { state, life } = (roster.get(name) ?? slave).record;
  if (life.held?.until !== event.until || life.held.by !== by) {
    const since = refusedHold(slave.record);
    // It may have gone between the question and the answer.
    if (since !== undefined) throw refused(since);
    throw new KubestackError("bus-unavailable", `The hold of ${name} could not be saved; try again.`);
  }
  const told = `${name} is ${toldHold(event)}`;
  log.info({ slave: name, by }, told);
  await tellHold(scope, { slave: name, event: "slave-held", reason: told });
  return { slave: name, state, held: life.held };
}

/** Ends a hold: the slave goes on to leave, as it would have. */
export async function release(
  scope: MasterScope,
  { slave: name, by, reason }: ReleaseRequest,
): Promise<{ slave: string; state: SlaveState }> {
  const { roster, options } = scope;
  const slave = livingSlave(scope, name);
  if (slave.record.life.held === null)
    throw new KubestackError("not-found", `${name} is not held: there is nothing to release.`, { retry: "never" });
  const why = `released by ${by}${reason === "" ? "" : `: ${reason}`}`;
  await roster.apply(slave, () => [{ type: "hold.released", reason: why, at: options.bus.clock.now() }]);
  const { state, life } = (roster.get(name) ?? slave).record;
  if (life.held !== null)
    throw new KubestackError("bus-unavailable", `The release of ${name} could not be saved; try again.`);
  options.log.info({ slave: name, by }, why);
  await tellHold(scope, { slave: name, event: "slave-released", reason: `${name} is ${why}` });
  return { slave: name, state };
}

/** Tells of a hold, or of its end, who listens; the record is what counts. */
export async function tellHold(
  { options: { bus, name: master } }: MasterScope,
  told: { readonly slave: string; readonly event: "slave-held" | "slave-released"; readonly reason: string },
): Promise<void> {
  const message = { master, ...told, at: bus.clock.now() };
  await bus.publish(channels.master, subjects.master(master, told.event), message).catch(() => undefined);
}

function tooLong(forMs: number, mostMs: number): string | undefined {
  if (forMs <= mostMs) return undefined;
  return `A slave is held for ${printDuration(mostMs)} at most (limits.maxHold), not ${printDuration(forMs)}; hold it again before that is over.`;
}

function refused(sentence: string): KubestackError {
  return new KubestackError("already-exists", sentence, { retry: "never" });
}
