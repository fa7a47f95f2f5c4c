import { keys } from "@kubestack/contracts";
import { isYounger } from "@kubestack/demand";
import type { MasterScope } from "./master-scope.ts";
import type { Slave } from "./roster.ts";

/** A final record is kept this long for people to read, in milliseconds. */
export const recordAgeMs = 24 * 60 * 60_000;
/** Old records are looked for this often, in milliseconds. */
const purgeEveryMs = 60 * 60_000;

/** Lets go of slaves that are over: out of the ledger, then out of memory, and a day later out of the store. */
export class Retention {
  readonly #scope: MasterScope;
  #nextPurge = 0;

  constructor(scope: MasterScope) {
    this.#scope = scope;
  }

  async letGo(now: number): Promise<void> {
    const { roster, ledger } = this.#scope;
    if (ledger === undefined) return;
    const final = [...roster.all()].filter(isFinal);
    const living = new Set(ledger.ledger.live.map(({ number }) => number));
    const done = new Set(final.map(({ record }) => record.number).filter((number) => living.has(number)));
    if (done.size > 0) await ledger.release(done);
    // As long as a round may come that was begun before it ended, the slave still counts for that round's items.
    const round = this.#scope.demand.round;
    for (const slave of final) {
      if (round === undefined || (slave.endedAtRound !== undefined && !isYounger(round, slave.endedAtRound))) continue;
      roster.forget(slave.record.name);
    }
    if (now < this.#nextPurge) return;
    this.#nextPurge = now + purgeEveryMs;
    await this.#purge(now);
  }

  async #purge(now: number): Promise<void> {
    const { options, roster, ledger } = this.#scope;
    const { bus, name, log } = options;
    const living = new Set(ledger?.ledger.live.map(({ number }) => number));
    const entries = await bus.slaves.list(keys.slavesOf(name), (problem) => log.warn(problem.message));
    for (const { key, value, revision } of entries) {
      const at = value.life.trail.at(-1)?.at ?? now;
      // Purged only after its number left the ledger: a late create of its record must never find a place.
      if (value.state !== "deleted" || living.has(value.number) || now - at < recordAgeMs) continue;
      if (!this.#scope.isOwner()) return;
      await bus.slaves.remove(key, revision);
      roster.forget(value.name);
    }
  }
}

/** Deleted, announced to the last state, and with nothing left to be tried again. */
function isFinal({ record: { state, life }, wakeAt }: Slave): boolean {
  return state === "deleted" && wakeAt === undefined && life.announced >= life.trail.length + life.trailDropped;
}
