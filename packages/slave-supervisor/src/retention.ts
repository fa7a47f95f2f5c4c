import type { ReadEntry } from "@kubestack/bus";
import { keys, type SlaveRecord } from "@kubestack/contracts";
import { isYounger, livingKey } from "@kubestack/demand";
import { lineOf } from "./caps/admission.ts";
import type { MasterScope } from "./master-scope.ts";
import { RetainedRecords } from "./retained-pods/retained-records.ts";
import type { Slave } from "./roster.ts";

/** A final record is kept this long for people to read, in milliseconds. */
export const recordAgeMs = 24 * 60 * 60_000;
/** Old records are looked for this often, in milliseconds. */
const purgeEveryMs = 60 * 60_000;
/** So many are found at a look at most; the next one finds the others. */
const foundLimit = 20_000;
/** So many are purged at once: a master with thousands of them must not wait for its launches meanwhile. */
const purgedAtOnce = 50;

interface OldRecord {
  readonly key: string;
  readonly revision: number;
  readonly name: string;
}

/** Lets go of slaves that are over: out of the ledger, then out of memory, and a day later out of the store. */
export class Retention {
  readonly #scope: MasterScope;
  readonly #retained: RetainedRecords;
  #nextPurge = 0;
  #old: OldRecord[] = [];

  constructor(scope: MasterScope) {
    this.#scope = scope;
    this.#retained = new RetainedRecords(scope);
  }

  /** Takes in a record as it is now. */
  note(record: SlaveRecord): void {
    this.#retained.note(record);
  }

  async letGo(now: number): Promise<void> {
    const { roster, ledger } = this.#scope;
    if (ledger === undefined) return;
    const final = [...roster.all()].filter(isFinal);
    const done = new Set(final.flatMap(({ record }) => (ledger.names(record) ? [livingKey(record)] : [])));
    if (done.size > 0) await ledger.release(done);
    // After the ledger was lowered, and after it was taken over.
    const { sharedCaps } = this.#scope.options;
    if (sharedCaps !== undefined && this.#scope.isTrusted()) await sharedCaps.settle(lineOf(this.#scope, now));
    // As long as a round may come that was begun before it ended, the slave still counts for that round's items.
    for (const slave of final) {
      const round = this.#scope.demand.roundOf(slave.record.item?.source);
      if (round === undefined || (slave.endedAtRound !== undefined && !isYounger(round, slave.endedAtRound))) continue;
      roster.forget(slave.record.name);
    }
    if (now >= this.#nextPurge) {
      this.#nextPurge = now + purgeEveryMs;
      this.#old = await this.#findOld(now);
    }
    await this.#purgeSome();
    await this.#retained.settle(now);
  }

  async #findOld(now: number): Promise<OldRecord[]> {
    const { options, ledger } = this.#scope;
    const { bus, name, log } = options;
    const old: OldRecord[] = [];
    const take = ({ key, value, revision }: ReadEntry<SlaveRecord>): void => {
      const at = value.life.trail.at(-1)?.at ?? now;
      // Purged only after its number left the ledger: a late create of its record must never find a place.
      if (value.state !== "deleted" || ledger?.names(value) || now - at < recordAgeMs) return;
      if (old.length < foundLimit) old.push({ key, revision, name: value.name });
    };
    await bus.slaves.each(keys.slavesOf(name), take, (problem) => log.warn(problem.message));
    return old;
  }

  async #purgeSome(): Promise<void> {
    const { options, roster } = this.#scope;
    if (this.#old.length === 0 || !this.#scope.isOwner()) return;
    const some = this.#old.splice(0, purgedAtOnce);
    await Promise.all(
      some.map(async ({ key, revision, name }) => {
        await options.bus.slaves.remove(key, revision);
        roster.forget(name);
      }),
    );
  }
}

/** Deleted, and announced to the last state: nobody will change this record any more. */
export function isOver({ state, life }: SlaveRecord): boolean {
  return state === "deleted" && life.announced >= life.trail.length + life.trailDropped;
}

/** Over, with nothing left to be tried again. */
function isFinal({ record, wakeAt }: Slave): boolean {
  return isOver(record) && wakeAt === undefined;
}
