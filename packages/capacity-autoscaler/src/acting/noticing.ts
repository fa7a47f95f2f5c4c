import type { Bus } from "@kubestack/bus";
import type { NoticeDecision } from "@kubestack/capacity";
import { commands, sentenceOf } from "@kubestack/contracts";
import type { Logger, Timing } from "@kubestack/runtime";
import type { ToldOnce } from "../told-once.ts";
import type { SlaveUses } from "../view/slave-uses.ts";

/** A supervisor is told of one slave no sooner again, in milliseconds: what it was told it keeps. */
const againMs = 30_000;

export interface NoticingOptions {
  readonly bus: Bus;
  readonly slaves: SlaveUses;
  readonly timing: Timing;
  readonly log: Logger;
  readonly told: ToldOnce;
}

/**
 * Has slaves leave whose nodes go by themselves: those without a build at once, and those with one after it, so that the master is told by
 * what that is endangered and gives them no further one.
 */
export class Noticing {
  readonly #options: NoticingOptions;
  /** When a supervisor was told of a slave, on the monotonic clock. */
  readonly #toldAt = new Map<string, number>();
  readonly #busy = new Set<Promise<void>>();

  constructor(options: NoticingOptions) {
    this.#options = options;
  }

  act({ withdraw, endangered, notices }: NoticeDecision): void {
    const { timing, told } = this.#options;
    told.tell("nodes that go by themselves", notices.map(({ reason }) => reason).join("; "));
    const concerned = [...withdraw, ...endangered];
    const names = new Set(concerned.map(({ slave }) => slave));
    for (const slave of this.#toldAt.keys()) if (!names.has(slave)) this.#toldAt.delete(slave);
    for (const { slave, reason } of concerned) {
      const toldAt = this.#toldAt.get(slave) ?? Number.NEGATIVE_INFINITY;
      if (timing.monotonic() - toldAt < againMs) continue;
      this.#toldAt.set(slave, timing.monotonic());
      const telling = this.#tell(slave, reason).finally(() => this.#busy.delete(telling));
      this.#busy.add(telling);
    }
  }

  /** Resolves when nobody is being told any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#busy);
  }

  async #tell(slave: string, reason: string): Promise<void> {
    const { bus, slaves, log } = this.#options;
    const master = slaves.of(slave)?.master;
    // One of which nothing is known yet is told of as soon as it is.
    if (master === undefined) {
      this.#toldAt.delete(slave);
      return;
    }
    try {
      await bus.request(commands.drainSlave, { master, slave, reason }, { master });
    } catch (error) {
      this.#toldAt.delete(slave);
      log.warn({ slave, master }, `slave ${slave} does not know yet that its node goes: ${sentenceOf(error)}`);
    }
  }
}
