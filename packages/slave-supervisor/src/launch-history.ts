import { isDeepStrictEqual } from "node:util";
import type { Lift, Outcome, SlaveRecord } from "@kubestack/contracts";
import { launchKind } from "@kubestack/demand";
import { type HeldThing, heldBy } from "./failures/held-by.ts";

/** How one launch failed. */
export interface LaunchEnd {
  readonly at: number;
  /** When it was launched: launches made together fail together. */
  readonly bornAt: number;
  readonly reason: string;
  /** A person lifted the hold after it: it holds nothing any more. */
  readonly isLifted?: true;
}

/** What is known of a lift here. */
type Lifted = Pick<Lift, "what" | "name" | "at">;

/** The failures of something since its last success, oldest first. */
export interface Failures {
  readonly ends: readonly LaunchEnd[];
  /** When a pod of ours last went from there; null: none did that is remembered. */
  readonly freedAt: number | null;
}

/** What became of the launches of the last hour; those that were to be idle, and were, are none of them. */
export interface LastHour {
  readonly launched: number;
  /** Ended without having run a build: failed or withdrawn. */
  readonly lost: number;
}

interface Noted {
  /**
   * What it says something of, by name. A template by its `launchKind`: what is asked for by label may be more than any machine
   * has, which says nothing of the others.
   */
  readonly of: Readonly<Record<HeldThing, string>>;
  /** The template without a size. */
  readonly template: string;
  readonly bornAt: number;
  /** When it showed that launches from, in or at it may succeed. */
  readonly provedAt: Readonly<Record<HeldThing, number | null>>;
  /** When the pod that it had was gone. */
  readonly freedAt: number | null;
  readonly failed: (LaunchEnd & { readonly holds: HeldThing }) | null;
  readonly outcome: Outcome | null;
  /** It was launched to be idle, and left as it was meant to, unused. */
  readonly isDoneIdle: boolean;
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
  #failures: ReadonlyMap<HeldThing, ReadonlyMap<string, Failures>> | undefined;
  #lifts: readonly Lifted[] = [];

  /** Takes in a slave's record as it is now. */
  note(record: SlaveRecord): void {
    this.#noted.set(record.name, notedOf(record));
    this.#failures = undefined;
  }

  /** Takes note of which holds people lifted. */
  lifted(lifts: readonly Lifted[]): void {
    if (isDeepStrictEqual(lifts, this.#lifts)) return;
    this.#lifts = lifts;
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
    return this.failing("template").get(kind)?.ends ?? [];
  }

  /** Those templates (by `launchKind`), namespaces or masters that have failures since their last success. */
  failing(what: HeldThing): ReadonlyMap<string, Failures> {
    this.#failures ??= this.#collect();
    return this.#failures.get(what) ?? new Map();
  }

  lastHour(now: number): LastHour {
    const recent = [...this.#noted.values()].filter(({ bornAt, isDoneIdle }) => now - bornAt <= hourMs && !isDoneIdle);
    const lost = recent.filter(({ outcome }) => outcome === "failed" || outcome === "withdrawn");
    return { launched: recent.length, lost: lost.length };
  }

  #collect(): Map<HeldThing, Map<string, Failures>> {
    return new Map(heldThings.map((what) => [what, this.#collectOf(what)]));
  }

  #collectOf(what: HeldThing): Map<string, Failures> {
    const noted = [...this.#noted.values()];
    const proved = new Map<string, number>();
    const freed = new Map<string, number>();
    for (const { of, provedAt, freedAt } of noted) {
      later(proved, of[what], provedAt[what]);
      later(freed, of[what], freedAt);
    }
    const ends = new Map<string, LaunchEnd[]>();
    const lifts = new Map(this.#lifts.flatMap((lift) => (lift.what === what ? [[lift.name, lift.at]] : [])));
    for (const { of, template, failed: end } of noted) {
      const name = of[what];
      const liftedAt = lifts.get(what === "template" ? template : name) ?? Number.NEGATIVE_INFINITY;
      const failed = end !== null && end.at <= liftedAt ? { ...end, isLifted: true as const } : end;
      if (failed?.holds !== what || failed.at <= (proved.get(name) ?? Number.NEGATIVE_INFINITY)) continue;
      const known = ends.get(name);
      if (known === undefined) ends.set(name, [failed]);
      else known.push(failed);
    }
    return new Map(
      [...ends].map(([name, known]) => {
        const newest = known.sort((a, b) => a.at - b.at).slice(-failureLimit);
        return [name, { ends: newest, freedAt: freed.get(name) ?? null }];
      }),
    );
  }
}

const heldThings: readonly HeldThing[] = ["template", "namespace", "master"];

function later(instants: Map<string, number>, of: string, at: number | null): void {
  if (at !== null) instants.set(of, Math.max(at, instants.get(of) ?? Number.NEGATIVE_INFINITY));
}

/** What a launch shows is true of it whatever became of the slave later: its agent came online, its pod was taken, its node made. */
function notedOf({ template, size, life, state, namespace, master, isWarm }: SlaveRecord): Noted {
  const bornAt = life.trail[0]?.at ?? 0;
  const hasLeft = state === "draining" || state === "deleted";
  const left = life.trail.findLast(({ state: entered }) => entered === "draining");
  const { firstOnlineAt } = life.agent;
  const isFailure = hasLeft && life.outcome === "failed" && firstOnlineAt === null;
  const failed = { at: left?.at ?? 0, bornAt, reason: left?.reason ?? "", holds: heldBy(life.failure?.class) };
  return {
    of: { template: launchKind(template, size), namespace, master },
    template,
    bornAt,
    provedAt: { template: firstOnlineAt, namespace: life.pod.acceptedAt, master: life.node.registeredAt },
    freedAt: life.pod.acceptedAt === null ? null : life.pod.goneAt,
    failed: isFailure ? failed : null,
    outcome: hasLeft ? life.outcome : null,
    isDoneIdle: isWarm === true && hasLeft && life.outcome === "withdrawn",
  };
}
