import { type Completion, channels, subjects } from "@kubestack/contracts";
import type { MasterScope } from "./master-scope.ts";
import { eventsOfCompletion } from "./observe/computer-events.ts";

/** Between two readings of the kept facts that nothing else asks for, in milliseconds. */
const everyMs = 60_000;
/** Facts read at once at most; the oldest are left out. */
const limit = 10_000;

/**
 * Reads again what was told of builds: the news of a build that no reading of the master showed reaches the supervisor by one
 * message only, and may pass while nobody listens.
 */
export class KeptFacts {
  readonly #scope: MasterScope;
  #nextReading = Number.NEGATIVE_INFINITY;

  constructor(scope: MasterScope) {
    this.#scope = scope;
  }

  /** Nobody listened until now: they are read at the next tick. */
  begin(): void {
    this.#nextReading = Number.NEGATIVE_INFINITY;
  }

  /** Reads them when it is time again. */
  async catchUpSometimes(now: number): Promise<void> {
    if (now < this.#nextReading) return;
    this.#nextReading = now + everyMs;
    await this.catchUp();
  }

  /** Applies what is kept about slaves that live and are not known to have run anything. */
  async catchUp(): Promise<void> {
    const { roster, options } = this.#scope;
    const { bus, name } = options;
    const births = [...roster.all()]
      .filter(({ record }) => isUnused(record.life.builds))
      .map(({ record }) => bornAt(record));
    if (births.length === 0) return;
    const since = births.reduce((oldest, at) => Math.min(oldest, at));
    const kept = await bus.history(channels.completion, subjects.completionsOf(name), { limit, since });
    await Promise.all(kept.map(({ data }) => this.#apply(data)));
  }

  async #apply(fact: Completion): Promise<void> {
    const { roster, options } = this.#scope;
    const slave = fact.node === null ? undefined : roster.get(fact.node);
    if (slave === undefined || fact.phase !== "finished") return;
    await roster.apply(slave, ({ life }) =>
      // An old fact must not be counted twice: only the last build's address is remembered.
      isUnused(life.builds) ? eventsOfCompletion(fact, life, options.bus.clock.now()) : [],
    );
  }
}

function isUnused({ ran, current }: { ran: number; current: object | null }): boolean {
  return ran === 0 && current === null;
}

function bornAt({ life }: { life: { trail: readonly { at: number }[] } }): number {
  return life.trail[0]?.at ?? 0;
}
