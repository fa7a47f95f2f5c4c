import type { Outcome, SlaveRecord } from "@kubestack/contracts";
import { launchKind } from "@kubestack/demand";

/** How one launch failed. */
export interface LaunchEnd {
  readonly at: number;
  /** When it was launched: launches made together fail together. */
  readonly bornAt: number;
  readonly reason: string;
}

/** What became of the launches of the last hour. */
export interface LastHour {
  readonly launched: number;
  /** Ended without having run a build: failed or withdrawn. */
  readonly lost: number;
}

interface Noted {
  /** Its `launchKind`: what is asked for by label may be more than any machine has, which says nothing of the others. */
  readonly kind: string;
  readonly bornAt: number;
  readonly provedAt: number | null;
  readonly failed: LaunchEnd | null;
  readonly outcome: Outcome | null;
}

const hourMs = 60 * 60_000;
/** Older failures in a row than so many change no hold any more. */
const failureLimit = 1000;

/**
 * What became of the launches, read from the slaves' records alone: after a restart it is the same. It is made for being
 * asked at every round, whatever the number of slaves.
 */
export class LaunchHistory {
  readonly #noted = new Map<string, Noted>();
  #failures: Map<string, LaunchEnd[]> | undefined;

  /** Takes in a slave's record as it is now. */
  note(record: SlaveRecord): void {
    this.#noted.set(record.name, notedOf(record));
    this.#failures = undefined;
  }

  /** Forgets launches that no hold and no brake looks at any more. */
  forgetOld(now: number): void {
    for (const [name, { bornAt, outcome, failed }] of this.#noted)
      if (outcome !== null && now - bornAt > hourMs && (failed === null || now - failed.at > hourMs)) {
        this.#noted.delete(name);
        // What was collected stands as long as nothing is forgotten: this is asked at every round.
        this.#failures = undefined;
      }
  }

  clear(): void {
    this.#noted.clear();
    this.#failures = undefined;
  }

  /** The failures of a `launchKind` since an agent of it last came online, oldest first. */
  failuresOf(kind: string): readonly LaunchEnd[] {
    this.#failures ??= this.#collect();
    return this.#failures.get(kind) ?? [];
  }

  /** The kinds that have any. */
  failing(): readonly string[] {
    this.#failures ??= this.#collect();
    return [...this.#failures.keys()];
  }

  lastHour(now: number): LastHour {
    const recent = [...this.#noted.values()].filter(({ bornAt }) => now - bornAt <= hourMs);
    const lost = recent.filter(({ outcome }) => outcome === "failed" || outcome === "withdrawn");
    return { launched: recent.length, lost: lost.length };
  }

  #collect(): Map<string, LaunchEnd[]> {
    const proved = new Map<string, number>();
    for (const { kind, provedAt } of this.#noted.values())
      if (provedAt !== null) proved.set(kind, Math.max(provedAt, proved.get(kind) ?? 0));
    const failures = new Map<string, LaunchEnd[]>();
    for (const { kind, failed } of this.#noted.values()) {
      if (failed === null || failed.at <= (proved.get(kind) ?? Number.NEGATIVE_INFINITY)) continue;
      const known = failures.get(kind);
      if (known === undefined) failures.set(kind, [failed]);
      else known.push(failed);
    }
    for (const [kind, known] of failures) failures.set(kind, known.sort((a, b) => a.at - b.at).slice(-failureLimit));
    return failures;
  }
}

/** An agent that came online proves its kind, whatever became of it later. */
function notedOf({ template, size, life, state }: SlaveRecord): Noted {
  const bornAt = life.trail[0]?.at ?? 0;
  const hasLeft = state === "draining" || state === "deleted";
  const left = life.trail.findLast(({ state: entered }) => entered === "draining");
  const isFailure = hasLeft && life.outcome === "failed" && life.agent.firstOnlineAt === null;
  return {
    kind: launchKind(template, size),
    bornAt,
    provedAt: life.agent.firstOnlineAt,
    failed: isFailure ? { at: left?.at ?? 0, bornAt, reason: left?.reason ?? "" } : null,
    outcome: hasLeft ? life.outcome : null,
  };
}
