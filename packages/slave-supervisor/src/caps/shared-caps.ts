import { isDeepStrictEqual } from "node:util";
import type { Bus, Entry } from "@kubestack/bus";
import {
  type Amounts,
  type CapLine,
  hasCode,
  KubestackError,
  keys,
  type LivingSlave,
  type SharedCapsRecord,
  sharedCapsVersion,
} from "@kubestack/contracts";
import { areEqual, type Caps, foreignPods, nothing, sumOf } from "@kubestack/demand";
import { type Answer, type Asking, answerOf, freshWant, isOfStore, saysTheSame, settledLine } from "./cap-lines.ts";

/** So often a write that others were before with is tried again; each of them got what it wanted. */
const attempts = 30;

/** What the configuration says. */
export interface CapsSettings {
  /** Those of all masters together; none: nothing is shared. */
  readonly caps: Caps;
  /** Every master that is there, whether or not this process serves it. */
  readonly masters: readonly string[];
}

export interface SharedCapsOptions {
  readonly bus: Pick<Bus, "process" | "ledger" | "sharedCaps">;
  /** What a master has, by its ledger and its pods, where no line tells. */
  readonly usedBy: (master: string) => Promise<Amounts>;
  /** What pods that are not ours have, where those count; raises where nobody knows. Default: none count. */
  readonly foreign?: () => Amounts | undefined;
}

/** A master's slaves as its ledger names them, to be told in its line. */
export type Settling = Omit<Asking, "asks"> & { readonly live: readonly LivingSlave[] };

/**
 * The caps that span masters, as this process takes part in them: one record, one line for each master, written by
 * compare-and-set by whoever owns the master. Where one master is there alone, nothing is shared and nothing is written.
 */
export class SharedCaps {
  readonly #options: SharedCapsOptions;
  #settings: CapsSettings = { caps: {}, masters: [] };
  /** As it was read or written last; undefined: it must be read. */
  #entry: { readonly entry: Entry<SharedCapsRecord> | undefined } | undefined;
  /** Lines that this process wrote, and the ledger's slaves that they tell of. */
  readonly #known = new Map<string, { readonly line: CapLine | null; readonly live?: readonly LivingSlave[] }>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SharedCapsOptions) {
    this.#options = options;
  }

  change(settings: CapsSettings): void {
    const wasShared = this.#isShared;
    this.#settings = settings;
    if (wasShared !== this.#isShared) this.#known.clear();
  }

  get caps(): Caps {
    return this.#settings.caps;
  }

  get #isShared(): boolean {
    const { caps, masters } = this.#settings;
    return masters.length > 1 && Object.values(caps).some((cap) => cap !== undefined);
  }

  /**
   * Raises the master's line by what is granted of what it asks for, and keeps in it what is not: done before its ledger is
   * raised. `not-owner`: another process has taken the master over.
   */
  async take(asking: Asking): Promise<Answer> {
    const { master, asks, idle = [], term, used } = asking;
    const alone = () => answerOf(this.caps, {}, { ...asking, usedElsewhere: this.#foreign() });
    if (!this.#isShared) return alone();
    const line = this.#known.get(master)?.line;
    const isQuiet =
      asks.length + idle.length === 0 && line?.term === term && line.want.slaves === 0 && areEqual(line.used, used);
    return isQuiet ? alone() : this.#inTurn(() => this.#take(asking));
  }

  async #take(asking: Asking): Promise<Answer> {
    const { master } = asking;
    return this.#change(master, async (lines, isFromBefore) => {
      await this.#checkTerm(lines[master], asking);
      const answer = answerOf(this.caps, lines, {
        ...asking,
        usedElsewhere: await this.#usedElsewhere(lines, asking),
      });
      const isRefused = answer.want.slaves > 0 || answer.idle < (asking.idle?.length ?? 0);
      // Nothing is refused by what was true a while ago.
      if (isRefused && isFromBefore) return "read again";
      const gone = isRefused ? await this.#withoutLedger(lines) : [];
      this.#known.set(master, { line: answer.line });
      if (gone.length === 0 && saysTheSame(lines[master], answer.line)) return { result: answer };
      const left = Object.entries(lines).filter(([name]) => !gone.includes(name));
      return { result: answer, lines: { ...Object.fromEntries(left), [master]: answer.line } };
    });
  }

  /** Sees to it that the master's line says what its ledger does: done after the ledger was lowered or taken over. */
  async settle(of: Settling): Promise<void> {
    const { master, live, term } = of;
    const known = this.#known.get(master);
    if (known?.live === live && (known.line === null || known.line.term === term)) return;
    if (!this.#isShared) {
      if (known?.line !== null) await this.drop(master);
      this.#known.set(master, { line: null, live });
      return;
    }
    if (known?.line?.term === term && areEqual(known.line.used, of.used)) {
      this.#known.set(master, { line: known.line, live });
      return;
    }
    await this.#inTurn(() =>
      this.#change(master, async (lines) => {
        await this.#checkTerm(lines[master], of);
        const line = settledLine(lines[master], of);
        this.#known.set(master, { line, live });
        if (isDeepStrictEqual(lines[master], line)) return { result: undefined };
        return { result: undefined, lines: { ...lines, [master]: line } };
      }),
    );
  }

  /** Takes the master's line out: it is served no longer, or shares nothing. */
  async drop(master: string): Promise<void> {
    await this.#inTurn(() =>
      this.#change(master, async ({ [master]: line, ...lines }, isFromBefore) => {
        if (line === undefined && isFromBefore) return "read again";
        return { result: undefined, ...(line === undefined ? {} : { lines }) };
      }),
    );
  }

  /** What other masters want and do not get: read anew. */
  async wantElsewhere(master: string, now: number): Promise<Amounts> {
    if (!this.#isShared) return nothing;
    return this.#inTurn(async () => {
      const lines = (await this.#read())?.value.lines ?? {};
      return sumOf(Object.entries(lines).flatMap(([name, line]) => (name === master ? [] : [freshWant(line, now)])));
    });
  }

  /** Only one write of this process is under way: they would only be in each other's way. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #change<T>(
    master: string,
    decide: (
      lines: SharedCapsRecord["lines"],
      isFromBefore: boolean,
    ) => Promise<"read again" | { readonly result: T; readonly lines?: SharedCapsRecord["lines"] }>,
  ): Promise<T> {
    const { sharedCaps } = this.#options.bus;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const isFromBefore = this.#entry !== undefined;
      const entry = this.#entry === undefined ? await this.#read() : this.#entry.entry;
      const decided = await decide(entry?.value.lines ?? {}, isFromBefore);
      if (decided === "read again") {
        this.#entry = undefined;
        continue;
      }
      if (decided.lines === undefined) return decided.result;
      const value = { version: sharedCapsVersion, lines: decided.lines };
      this.#entry = undefined;
      try {
        const written =
          entry === undefined ? await sharedCaps.create(keys.sharedCaps, value) : await sharedCaps.update(entry, value);
        this.#entry = { entry: written };
        return decided.result;
      } catch (error) {
        this.#known.delete(master);
        // Another master's owner wrote in between: read again.
        if (!hasCode(error, "already-exists", "stale-revision")) throw error;
      }
    }
    throw new KubestackError("bus-unavailable", "The caps of all masters are written by others without a pause.");
  }

  async #read(): Promise<Entry<SharedCapsRecord> | undefined> {
    this.#entry = undefined;
    const entry = await this.#options.bus.sharedCaps.get(keys.sharedCaps).catch((error: unknown) => {
      if (!hasCode(error, "invalid-message")) throw error;
      const mend = `remove the key ${keys.sharedCaps} of that bucket, and it is made anew from the ledgers.`;
      throw new KubestackError("invalid-message", `${error.message}; ${mend}`, { retry: "never", cause: error });
    });
    if ((entry?.value.version ?? 0) > sharedCapsVersion)
      throw new KubestackError(
        "not-owner",
        "The caps of all masters were written by a newer release of KubeStack: this process launches nothing under them; upgrade it.",
        { retry: "never" },
      );
    this.#entry = { entry };
    return entry;
  }

  /** Whoever was overtaken writes no more; unless the line is left of an earlier ledger, whose terms began anew. */
  async #checkTerm(line: CapLine | undefined, { master, term, store }: Omit<Asking, "asks">): Promise<void> {
    if (!isOfStore(line, store) || line.term <= term) return;
    const { bus } = this.#options;
    const there = (await bus.ledger.get(keys.ledger(master)))?.value;
    if (there?.owner === bus.process && there.term === term) return;
    throw new KubestackError("not-owner", `Master ${master} was taken over by another process.`);
  }

  /** What those masters have of which no line of this store tells. */
  async #usedElsewhere(
    lines: SharedCapsRecord["lines"],
    { master, store }: Asking,
  ): Promise<ReadonlyMap<string, Amounts>> {
    const names = new Set([...this.#settings.masters, ...Object.keys(lines)]);
    const untold = [...names].filter((name) => name !== master && !isOfStore(lines[name], store));
    const told = await Promise.all(untold.map(async (name) => [name, await this.#options.usedBy(name)] as const));
    return new Map([...this.#foreign(), ...told]);
  }

  #foreign(): ReadonlyMap<string, Amounts> {
    const used = this.#options.foreign?.();
    return used === undefined ? new Map() : new Map([[foreignPods, used]]);
  }

  /** Lines of masters that are not there any more: not in the configuration, and without a ledger. */
  async #withoutLedger(lines: SharedCapsRecord["lines"]): Promise<string[]> {
    const { masters } = this.#settings;
    const others = Object.keys(lines).filter((name) => !masters.includes(name));
    const ledgers = await Promise.all(others.map((name) => this.#options.bus.ledger.get(keys.ledger(name))));
    return others.filter((_, at) => ledgers[at] === undefined);
  }
}
