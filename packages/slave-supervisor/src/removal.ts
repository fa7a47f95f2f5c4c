import type { ReadEntry } from "@kubestack/bus";
import { channels, keys, type SlaveRecord, slaveRecordVersion, subjects } from "@kubestack/contracts";
import type { PodObservation } from "@kubestack/kubernetes";
import { identityIn } from "@kubestack/templates";
import type { Anchors } from "./anchors.ts";
import type { MasterScope } from "./master-scope.ts";
import { removalOf } from "./removing.ts";
import { retainedUntil } from "./retained-pods/marks.ts";
import { recordAgeMs } from "./retention.ts";

/** So many records are written at once. */
const atOnce = 50;

/**
 * Leaves a master that the configuration does not name any more, once nothing of ours is there: its ledger goes, and what is
 * kept of it. Records of its slaves stay for their day and then run out by themselves.
 */
export class Removal {
  readonly #scope: MasterScope;
  readonly #anchors: Anchors;
  /** What is waited for, as a sentence; empty where nothing is. */
  waitsFor = "";

  constructor(scope: MasterScope, anchors: Anchors) {
    this.#scope = scope;
    this.#anchors = anchors;
  }

  #retained(): number {
    const { pods, install, name: master } = this.#scope.options;
    const isKept = (pod: PodObservation) =>
      retainedUntil(pod.annotations) !== undefined && identityIn(pod, { install, master }) !== undefined;
    return pods.all().filter(isKept).length;
  }

  /** Leaves the master if it is time; says whether it did. Each step may be repeated; the last one decides. */
  async finish(now: number): Promise<boolean> {
    const { options, ledger, standing } = this.#scope;
    const { bus, log, name, isListed, store } = options;
    this.waitsFor = "";
    if (isListed || ledger === undefined || !this.#scope.isTrusted()) return false;
    const living = ledger.ledger.live.length;
    const forMs = now - (standing.removedAt ?? now);
    const isForgotten = standing.forgotten !== undefined;
    const { isOver, why } = removalOf({
      living,
      retained: this.#retained(),
      anchors: this.#anchors.present(now),
      isForgotten,
      forMs,
    });
    this.waitsFor = why;
    if (!isOver || !this.#scope.isOwner()) return false;
    await this.#letRunOut(now);
    await options.sharedCaps?.drop(name);
    await ledger.discard();
    await standing.forget();
    // Nodes that may be left there are known as ours by them, should the master come back.
    if (!isForgotten) store.forgetEpochs(name);
    const reason = `it is out of the configuration, and ${why}`;
    log.info({ master: name }, `master ${name} is left: ${reason}`);
    const told = { master: name, event: "removed" as const, reason, at: now };
    await bus.publish(channels.master, subjects.master(name, "removed"), told).catch(() => undefined);
    return true;
  }

  async #letRunOut(now: number): Promise<void> {
    const { bus, name, log } = this.#scope.options;
    const records: ReadEntry<SlaveRecord>[] = [];
    const take = (entry: ReadEntry<SlaveRecord>): void => {
      if (entry.value.version <= slaveRecordVersion) records.push(entry);
    };
    await bus.slaves.each(keys.slavesOf(name), take, (problem) => log.warn(problem.message));
    while (records.length > 0)
      await Promise.all(
        records.splice(0, atOnce).map((entry) => {
          const ageMs = now - (entry.value.life.trail.at(-1)?.at ?? now);
          return bus.slaves.update(entry, entry.value, { ttlMs: Math.max(1000, recordAgeMs - ageMs) });
        }),
      );
  }
}
