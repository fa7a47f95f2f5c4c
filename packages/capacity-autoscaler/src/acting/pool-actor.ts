import { hasCode, sentenceOf } from "@kubestack/contracts";
import type { NodePoolConfig } from "../pools/entry.ts";
import type { GuardedTarget } from "../targets/guarded.ts";
import type { Wanted } from "../targets/target.ts";

/** What came of an act. */
export type Acted =
  | { readonly kind: "done" | "said"; readonly from: number; readonly to: number; readonly said: string }
  /** It was so already. */
  | { readonly kind: "nothing" }
  /** `isHard`: not by itself better the next time. */
  | { readonly kind: "failed"; readonly because: string; readonly isHard: boolean };

/** Acts on one pool, one act at a time, so that a target that is slow holds up no other pool. */
export class PoolActor {
  readonly config: NodePoolConfig;
  readonly #target: GuardedTarget;
  #acting: Promise<void> | undefined;
  /** Why the last act failed; empty: it did not. */
  trouble = "";
  /** The size that the target was last seen to have, or was given; null: not known since this process leads. */
  wanted: number | null = null;

  constructor(config: NodePoolConfig, target: GuardedTarget) {
    this.config = config;
    this.#target = target;
  }

  get isBusy(): boolean {
    return this.#acting !== undefined;
  }

  get canRemoveByName(): boolean {
    return this.#target.canRemoveByName;
  }

  /** Begins an act, and tells what came of it; nothing where another one is under way. */
  begin(act: (target: GuardedTarget) => Promise<Acted>, told: (acted: Acted) => void): void {
    if (this.#acting !== undefined) return;
    this.#acting = act(this.#target)
      .catch(
        (error: unknown): Acted => ({
          kind: "failed",
          because: sentenceOf(error),
          isHard: hasCode(error, "target-refused", "cluster-refused", "quota-exceeded", "credential-refused"),
        }),
      )
      .then((acted) => {
        this.#acting = undefined;
        this.trouble = acted.kind === "failed" ? acted.because : "";
        if (acted.kind === "done") this.wanted = acted.to;
        told(acted);
      });
  }

  /** The pool is to have so many at least; one that is to have more already stays so. */
  raise(wanted: Wanted, told: (acted: Acted) => void): void {
    this.begin(async (target) => {
      const state = await target.status();
      this.wanted = state.wanted;
      const isHeadroom = this.config.target.type === "headroom";
      if (!isHeadroom && state.wanted >= wanted.size && state.owner === null) return { kind: "nothing" };
      const { isDone, said } = await target.scaleTo(wanted, state);
      return { kind: isDone ? "done" : "said", from: state.wanted, to: wanted.size, said };
    }, told);
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await this.#acting;
  }

  async close(): Promise<void> {
    await this.settled();
    await this.#target.close();
  }
}
