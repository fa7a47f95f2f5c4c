import { KubestackError } from "@kubestack/contracts";
import type { Timing } from "@kubestack/runtime";
import type { LeavingNode, Target, TargetState, Wanted } from "./target.ts";

/** No call of a target takes longer, in milliseconds. */
const longestMs = 30_000;

/** What became of an act. */
export interface Outcome {
  /** It was done; else it was only said, or there was nothing to do. */
  readonly isDone: boolean;
  /** In one sentence: what was done, or what would have been. */
  readonly said: string;
}

/** A target as the service uses it: whoever else owns the group, and what the target itself allows, is respected. */
export interface GuardedTarget {
  readonly canRemoveByName: boolean;
  status(): Promise<TargetState>;
  /**
   * Raises `target-refused` where somebody else decides on the group, or it may not have so many. `known`: how it stood a moment ago;
   * default: it is asked.
   */
  scaleTo(wanted: Wanted, known?: TargetState): Promise<Outcome>;
  remove(nodes: readonly LeavingNode[], wanted: Wanted): Promise<Outcome>;
  close(): Promise<void>;
}

export interface GuardOptions {
  readonly pool: string;
  readonly isDryRun: boolean;
  readonly timing: Pick<Timing, "sleep">;
}

/** Puts around a target what is the same for all: time limits, owners, limits, and saying instead of doing. */
export function guarded(target: Target, { pool, isDryRun, timing }: GuardOptions): GuardedTarget {
  async function within<T>(what: string, act: Promise<T>): Promise<T> {
    const ending = new AbortController();
    const late = timing.sleep(longestMs, ending.signal).then(() => {
      throw new KubestackError(
        "target-unavailable",
        `Pool ${pool}: ${what} took longer than ${longestMs / 1000} s; it is tried again.`,
      );
    });
    try {
      return await Promise.race([act, late]);
    } finally {
      // What loses the race is nobody's any more.
      late.catch(() => undefined);
      act.catch(() => undefined);
      ending.abort();
    }
  }
  const status = () => within("asking how it stands", target.status());
  const own = async (known?: TargetState): Promise<TargetState> => {
    const state = known ?? (await status());
    if (state.owner === null) return state;
    throw new KubestackError(
      "target-refused",
      `Pool ${pool} is scaled by ${state.owner}: KubeStack leaves it alone; take it from there, or give the pool a target of type headroom.`,
    );
  };
  return {
    canRemoveByName: target.canRemoveByName,
    status,
    scaleTo: async (wanted, known) => {
      const state = await own(known);
      const { size, reason } = wanted;
      const limit = outside(size, state);
      if (limit !== undefined)
        throw new KubestackError("target-refused", `Pool ${pool} can't have ${size} nodes: ${limit}.`);
      const said = `pool ${pool} ${state.wanted} -> ${size}: ${reason}`;
      if (isDryRun) return { isDone: false, said };
      await within("scaling it", target.scaleTo(wanted, state));
      return { isDone: true, said };
    },
    remove: async (nodes, wanted) => {
      const { reason } = wanted;
      const names = nodes.map(({ name }) => name).join(", ");
      const said = `pool ${pool} without ${names}: ${reason}`;
      if (nodes.length === 0) return { isDone: false, said };
      if (!target.canRemoveByName)
        throw new KubestackError(
          "target-refused",
          `Pool ${pool} can't remove ${names}: its target knows no node by name.`,
        );
      const state = await own();
      if (state.least !== null && state.wanted - nodes.length < state.least)
        throw new KubestackError(
          "target-refused",
          `Pool ${pool} can't lose ${names}: its target keeps at least ${state.least}.`,
        );
      if (isDryRun) return { isDone: false, said };
      await within("removing nodes", target.remove(nodes, wanted));
      return { isDone: true, said };
    },
    close: () => target.close(),
  };
}

function outside(size: number, { least, most }: TargetState): string | undefined {
  if (most !== null && size > most) return `its target allows at most ${most}; raise that, or lower the pool's max`;
  if (least !== null && size < least) return `its target keeps at least ${least}; lower that, or raise the pool's min`;
  return undefined;
}
