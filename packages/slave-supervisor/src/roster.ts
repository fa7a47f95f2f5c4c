import type { Bus, Entry } from "@kubestack/bus";
import { hasCode, KubestackError, keys, type SlaveRecord, sentenceOf } from "@kubestack/contracts";
import type { RoundMark } from "@kubestack/demand";
import type { Logger } from "@kubestack/runtime";
import { type Intent, outstanding, type SlaveEvent, step } from "@kubestack/slave";
import type { MasterMeasures } from "./measures/master-measures.ts";

/** A slave in memory: its record as saved, and what is only of use to this process. */
export interface Slave {
  record: SlaveRecord;
  revision: number;
  /** Changes are made one after the other. */
  turn: Promise<void>;
  /** When something is to be tried again, in milliseconds of NATS's time; undefined where nothing waits. */
  wakeAt: number | undefined;
  /** Whether an earlier round showed its agent online. */
  shownOnline: boolean;
  /** The youngest round that may have begun before it could take no build any more. */
  endedAtRound: RoundMark | undefined;
}

export interface RosterOptions {
  readonly bus: Bus;
  readonly log: Logger;
  /** Whether this process may still change anything: asked before each single effect. */
  readonly isOwner: () => boolean;
  /** Called after a change is saved, or where something is still due. */
  readonly carryOut: (slave: Slave, intents: readonly Intent[]) => void;
  /** The youngest round that may have begun by now. */
  readonly mayHaveBegun: (source: string | undefined) => RoundMark | undefined;
  /** Another process changed a record of ours: it has taken over. */
  readonly onOvertaken: (reason: string) => void;
  /** Called after a slave's state has changed. */
  readonly onMoved: (slave: Slave) => void;
  /** Told of each change that was saved, and of each event that changed nothing. */
  readonly measures?: Pick<MasterMeasures, "saved" | "late"> | undefined;
}

/** The slaves of one master: every change is decided by the machine, saved, and only then carried out. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #slaves = new Map<string, Slave>();
  /** Names of slaves whose records are not for this process to change. */
  readonly #leftAlone = new Set<string>();
  /** Events that changed nothing: late or repeated ones. */
  lateEvents = 0;

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  get(name: string): Slave | undefined {
    return this.#slaves.get(name);
  }

  all(): Iterable<Slave> {
    return this.#slaves.values();
  }

  clear(): void {
    this.#slaves.clear();
    this.#leftAlone.clear();
  }

  /** Keeps hands off a slave whose record can't be read, or was written by a newer release. */
  leaveAlone(name: string): void {
    this.#leftAlone.add(name);
  }

  /** Whether the slave is known: supervised, or left alone. */
  knows(name: string): boolean {
    return this.#slaves.has(name) || this.#leftAlone.has(name);
  }

  forget(name: string): void {
    this.#slaves.delete(name);
  }

  /** Takes a saved record in. */
  add(entry: Entry<SlaveRecord>): Slave {
    const { value, revision } = entry;
    const ended = value.state === "draining" || value.state === "deleted";
    const slave: Slave = {
      record: value,
      revision,
      turn: Promise.resolve(),
      wakeAt: undefined,
      shownOnline: value.life.agent.firstOnlineAt !== null,
      endedAtRound: ended ? { term: 0, round: 0 } : undefined,
    };
    this.#slaves.set(value.name, slave);
    return slave;
  }

  /** Says again what is due for a slave. */
  resume(slave: Slave): void {
    slave.wakeAt = undefined;
    this.#options.carryOut(slave, outstanding(slave.record.state, slave.record.life));
  }

  /** Applies events to a slave, one after the other, in the order of the calls. Resolves when they are saved. */
  apply(slave: Slave, decide: (record: SlaveRecord) => readonly SlaveEvent[]): Promise<void> {
    slave.turn = slave.turn
      .then(() => this.#apply(slave, decide))
      .catch((error: unknown) => {
        this.#options.log.warn({ slave: slave.record.name }, sentenceOf(error));
        slave.wakeAt ??= this.#options.bus.clock.now() + 1000;
      });
    return slave.turn;
  }

  async #apply(slave: Slave, decide: (record: SlaveRecord) => readonly SlaveEvent[]): Promise<void> {
    // A slave that was taken over anew is another object: what this one still hears is the past.
    if (!this.#options.isOwner() || this.#slaves.get(slave.record.name) !== slave) return;
    let { state, life } = slave.record;
    let changed = false;
    for (const event of decide(slave.record)) {
      const next = step(state, life, event);
      if (!next.changed) this.#late();
      changed ||= next.changed;
      ({ state, life } = next);
    }
    if (changed) await this.#save(slave, { ...slave.record, state, life });
    this.resume(slave);
  }

  #late(): void {
    this.lateEvents += 1;
    this.#options.measures?.late();
  }

  async #save(slave: Slave, record: SlaveRecord): Promise<void> {
    const { bus, log, measures } = this.#options;
    const saved = slave.record;
    const before = saved.state;
    try {
      const entry = await bus.slaves.update(
        { key: keys.slave(record.master, record.name), value: saved, revision: slave.revision },
        record,
      );
      slave.record = entry.value;
      slave.revision = entry.revision;
    } catch (error) {
      if (hasCode(error, "stale-revision"))
        this.#options.onOvertaken(`the record of ${record.name} was changed by another process`);
      throw error instanceof KubestackError ? error : new KubestackError("bus-unavailable", sentenceOf(error));
    }
    measures?.saved(saved, record);
    if (record.state === before) return;
    const last = record.life.trail.at(-1);
    log.info({ slave: record.name, master: record.master, from: before, to: record.state }, last?.reason ?? "");
    if (record.state === "draining" || record.state === "deleted")
      slave.endedAtRound ??= this.#options.mayHaveBegun(record.item?.source) ?? { term: 0, round: 0 };
    else slave.endedAtRound = undefined;
    this.#options.onMoved(slave);
  }
}
