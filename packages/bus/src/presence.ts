import { type LeasingServiceName, longestUnable, type MemberMessage } from "@kubestack/contracts";
import type { HeldLease, Turn } from "./lease.ts";
import { beatMs, Members, silentMs } from "./members.ts";
import { againMs, type Candidates, successorOf, waitMs } from "./turns.ts";

export interface PresenceOptions {
  readonly service: LeasingServiceName;
  /** This process's name. */
  readonly process: string;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
  /** Tells the others. Never raises. */
  readonly say: (message: MemberMessage) => void;
  /** Hears all of the service, this process too. Returns what ends it. */
  readonly hear: (handle: (message: MemberMessage) => void) => () => void;
  /** Whether another process is known to be dead. Never rejects. */
  readonly isDead: (process: string) => Promise<boolean>;
}

/** Masters handed over in one second at most: each is read anew by who gets it. */
const handoversAtOnce = 5;

/**
 * This process among those of one service: it says every second what it serves and holds, hears the others, asks whether they
 * live, and hands over what another one comes first for.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #members = new Members();
  readonly #leases = new Map<string, HeldLease>();
  readonly #handedOverAt = new Map<string, number[]>();
  #claimed: ReadonlySet<string> = new Set();
  /** Why this process can't do its work, as it told the others last; empty: it can. */
  #unable = "";
  #unableSince: number | undefined;
  #beat = 0;
  #isSaying = false;
  #end: (() => void) | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Serves a master from now on; `hold` makes its lease. */
  serve(master: string, hold: (turn: Turn) => HeldLease): HeldLease {
    this.#begin();
    const lease = hold(this.#turnOf(master));
    this.#leases.set(master, lease);
    this.#saySoon();
    return lease;
  }

  /** Serves a master no longer; its lease is given up already. */
  leave(master: string): void {
    this.#leases.delete(master);
    this.#handedOverAt.delete(master);
    if (this.#leases.size > 0) this.#saySoon();
    else this.stop();
  }

  /** The way to NATS is broken: who holds what now will be known when it is there again. */
  interrupted(): void {
    for (const lease of this.#leases.values()) lease.interrupted();
  }

  /** The way to NATS is there again. */
  restored(): void {
    for (const lease of this.#leases.values()) lease.restored();
  }

  /** Says goodbye. */
  stop(): void {
    if (this.#end === undefined) return;
    this.#leases.clear();
    this.#say();
    this.#end();
    this.#end = undefined;
  }

  #begin(): void {
    if (this.#end !== undefined) return;
    const { hear, monotonic, process } = this.#options;
    const deafen = hear((message) => {
      if (message.process === process) return;
      this.#members.heard(message, monotonic());
      this.#compare(message);
      this.#review();
    });
    const timer = setInterval(() => this.#tick(), beatMs);
    this.#end = () => {
      clearInterval(timer);
      deafen();
    };
  }

  #tick(): void {
    this.#say();
    for (const { process } of this.#living()) void this.#ask(process);
    this.#review();
    this.#handOver();
  }

  async #ask(process: string): Promise<void> {
    if (!(await this.#options.isDead(process))) return;
    this.#members.died(process);
    this.#review();
  }

  /**
   * What another one holds this process can't hold too, unless a store was lost: the store itself is asked. What was got a
   * moment ago is as the store has it; whoever had it before may not have heard of it yet.
   */
  #compare({ holds }: MemberMessage): void {
    const now = this.#options.monotonic();
    for (const master of holds) {
      const lease = this.#leases.get(master);
      if (lease?.heldSince === undefined || now - lease.heldSince < silentMs) continue;
      lease.doubt();
      lease.look();
    }
  }

  /** A lease that nobody claims any more is looked at at once. */
  #review(): void {
    const claimed = new Set(this.#living().flatMap(({ holds }) => [...holds]));
    const before = this.#claimed;
    this.#claimed = claimed;
    for (const master of before) if (!claimed.has(master)) this.#leases.get(master)?.look();
  }

  #handOver(): void {
    const now = this.#options.monotonic();
    let count = 0;
    for (const [master, lease] of this.#leases) {
      const { heldSince } = lease;
      if (heldSince === undefined) continue;
      const handedOverAt = (this.#handedOverAt.get(master) ?? []).filter((at) => now - at < againMs);
      const to = successorOf(this.#candidates(master), {
        heldSince,
        unableSince: this.#unableSince,
        handedOverAt,
        now,
      });
      if (to === undefined) continue;
      this.#handedOverAt.set(master, [...handedOverAt, now]);
      void lease.handOver(to, this.#unable === "" ? "it comes before this process" : `this process ${this.#unable}`);
      count += 1;
      if (count >= handoversAtOnce) return;
    }
  }

  #living() {
    return this.#members.living(this.#options.monotonic());
  }

  #candidates(master: string): Candidates {
    return { master, self: this.#options.process, isAble: this.#unable === "", others: this.#living() };
  }

  #turnOf(master: string): Turn {
    return {
      waitMs: (dead) => waitMs(this.#candidates(master), dead),
      isClaimed: () => this.#living().some(({ holds }) => holds.has(master)),
      lastSignOf: (process) => this.#members.lastSignOf(process),
      unableOf: (process) => this.#members.unableOf(process),
      moved: () => this.#saySoon(),
    };
  }

  /** What changes at once is said once. */
  #saySoon(): void {
    if (this.#isSaying) return;
    this.#isSaying = true;
    queueMicrotask(() => {
      this.#isSaying = false;
      if (this.#end !== undefined) this.#say();
    });
  }

  #say(): void {
    const { service, process, monotonic, say } = this.#options;
    this.#beat += 1;
    const leases = [...this.#leases];
    const mastersOf = (is: (lease: HeldLease) => boolean): string[] =>
      leases.filter(([, lease]) => is(lease)).map(([master]) => master);
    const serves = mastersOf(({ isReleased }) => !isReleased);
    const holds = mastersOf(({ isOnRecord }) => isOnRecord);
    this.#unable = leases.map(([, { unable }]) => unable.slice(0, longestUnable)).find((why) => why !== "") ?? "";
    this.#unableSince = this.#unable === "" ? undefined : (this.#unableSince ?? monotonic());
    say({ service, process, beat: this.#beat, serves, holds, unable: this.#unable });
  }
}
