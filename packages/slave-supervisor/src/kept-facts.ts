import { type Completion, channels, subjects } from "@kubestack/contracts";
import type { SlaveEvent } from "@kubestack/slave";
import type { MasterScope } from "./master-scope.ts";

/** Between two readings of the kept facts that nothing else asks for, in milliseconds. */
const everyMs = 60_000;
/** Facts read at once at most; the oldest are left out. */
const limit = 10_000;

/**
 * Reads again what was told of builds: the news of a build that no reading of the master shows any more may have passed
 * while nobody listened. One that is over retires its slave. One that is not known to be over may have been interrupted by
 * a restart of the master meanwhile, and wait to go on on just this slave.
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
    const byNode = Map.groupBy(kept, ({ data: { node } }) => node);
    await Promise.all(
      [...byNode].map(([node, facts]) =>
        this.#apply(
          node,
          facts.map(({ data }) => data),
        ),
      ),
    );
  }

  async #apply(node: string | null, facts: readonly Completion[]): Promise<void> {
    const { roster, options } = this.#scope;
    const slave = node === null ? undefined : roster.get(node);
    if (slave === undefined) return;
    await roster.apply(slave, ({ life }) =>
      // An old fact must not be counted twice: only the last build's address is remembered.
      isUnused(life.builds) ? eventsOfKept(facts, options.bus.clock.now()) : [],
    );
  }
}

/**
 * What the kept facts of one node say about a slave that is not known to have run anything. A build that is not told to be
 * over keeps its slave, whatever else ended there: so it comes first.
 */
function eventsOfKept(facts: readonly Completion[], at: number): SlaveEvent[] {
  const ofPhase = (phase: Completion["phase"]) =>
    new Map(facts.filter((fact) => fact.phase === phase).map((fact) => [fact.build.url, fact]));
  const over = ofPhase("finished");
  const open = [...ofPhase("started").values()].filter(({ build }) => !over.has(build.url));
  return [
    ...open.map((fact) => ({ type: "build.told", url: fact.build.url, readAt: fact.at, at }) as const),
    ...[...over.keys()].map((url) => ({ type: "build.finished", url, at }) as const),
  ];
}

function isUnused({ ran, current }: { ran: number; current: object | null }): boolean {
  return ran === 0 && current === null;
}

function bornAt({ life }: { life: { trail: readonly { at: number }[] } }): number {
  return life.trail[0]?.at ?? 0;
}
