import type { MemberMessage } from "@kubestack/contracts";

/** How often a process says that it lives, in milliseconds. */
export const beatMs = 1_000;
/** Whoever was not heard for this long, in milliseconds, is not reckoned with: three messages in a row are seldom lost. */
export const silentMs = 3_500;
/** Processes remembered at most; names are random, so that old ones gather. */
const limit = 1_000;

/** What is known of another process of the service. Times are of the own monotonic clock, in milliseconds. */
export interface Member {
  readonly process: string;
  readonly serves: ReadonlySet<string>;
  readonly holds: ReadonlySet<string>;
  /** Why it can't do its work now, in words that go after its name; empty: it can. */
  readonly unable: string;
  /** Since when it has been heard without a longer silence and, if it can work, without having said that it can't. */
  readonly since: number;
  readonly heardAt: number;
}

interface Known extends Member {
  readonly beat: number;
  readonly isDead: boolean;
}

/** The other processes of one service, as far as they were heard. */
export class Members {
  readonly #known = new Map<string, Known>();

  /** Takes in what a process says of itself; what comes late is dropped. */
  heard(message: MemberMessage, at: number): void {
    const { process, beat } = message;
    const before = this.#known.get(process);
    if (before !== undefined && beat <= before.beat) return;
    const isNew = before === undefined || before.isDead || at - before.heardAt > silentMs;
    const isAbleAgain = before !== undefined && before.unable !== "" && message.unable === "";
    this.#known.delete(process);
    this.#known.set(process, {
      process,
      beat,
      serves: new Set(message.serves),
      holds: new Set(message.holds),
      unable: message.unable,
      since: isNew || isAbleAgain ? at : before.since,
      heardAt: at,
      isDead: false,
    });
    const [oldest] = this.#known.keys();
    if (this.#known.size > limit && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Nobody is reckoned with any more who is known to be dead. */
  died(process: string): void {
    const known = this.#known.get(process);
    if (known !== undefined) this.#known.set(process, { ...known, isDead: true });
  }

  /** When a process was heard last; undefined where it never was. */
  lastSignOf(process: string): number | undefined {
    return this.#known.get(process)?.heardAt;
  }

  /** Why a process can't do its work, as it said last; empty where it can, or never was heard. */
  unableOf(process: string): string {
    return this.#known.get(process)?.unable ?? "";
  }

  /** Those that are reckoned with now. */
  living(now: number): Member[] {
    return [...this.#known.values()].filter(
      ({ isDead, heardAt, serves, holds }) => !isDead && now - heardAt <= silentMs && serves.size + holds.size > 0,
    );
  }
}
