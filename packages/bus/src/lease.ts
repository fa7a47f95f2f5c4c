import { hasCode, type LeaseRecord, sentenceOf } from "@kubestack/contracts";
import type { Bucket } from "./bucket.ts";
import type { MeasuredClock } from "./clock.ts";
import type { Entry } from "./stored-values.ts";

export const leaseDefaults = { ttlMs: 15_000, renewMs: 5_000, retryMs: 1_000 } as const;

/** Giving up a lease is a courtesy to the next holder, worth waiting this long for, in milliseconds. */
const releaseMs = 1000;
/** What is under way when a lease is handed over is waited for this long, in milliseconds. */
const settleMs = 2000;
/** A lease that a living process says it holds is looked at this often, in milliseconds. */
const claimedMs = 5000;
/** Whoever comes to a renewal so much too late, in milliseconds, stood still and may have missed that the way to NATS broke. */
const lateMs = 100;

/** Whose turn it is to have a lease, as far as this process knows. */
export interface Turn {
  /** How long this process lets others go first with the lease that it sees free, in milliseconds. `dead`: its holder, known to be. */
  waitMs(dead: string | undefined): number;
  /** Whether somebody who lives says that it holds the lease. */
  isClaimed(): boolean;
  /** When a process was heard last, on the monotonic clock; undefined where it never was. */
  lastSignOf(process: string): number | undefined;
  /** Why a process can't do its work, as it said last; empty where it can. */
  unableOf(process: string): string;
  /** Told when the lease was got, and when it is free again: others may be told. */
  moved(): void;
}

/** Who held a lease before. */
export interface Predecessor {
  readonly process: string;
  /** How long ago it gave its last sign, in milliseconds. */
  readonly silentMs: number;
  /** Why it could not do its work, in words that go after its name; empty where it could, as far as is known. */
  readonly unable: string;
}

export interface LeaseOptions {
  readonly bucket: Bucket<LeaseRecord>;
  readonly key: string;
  /** The holder's name: random for each process start, never a host's. */
  readonly holder: string;
  readonly clock: MeasuredClock;
  /** A clock that never goes back, in milliseconds: a paused process must not believe in its lease. */
  readonly monotonic: () => number;
  /** This machine's clock, to measure NATS's time against. */
  readonly ownNow: () => number;
  readonly ttlMs?: number;
  readonly renewMs?: number;
  readonly retryMs?: number;
  /** Whether a holder is known to be dead: its lease is then taken before it runs out. Default: nobody is. */
  readonly isDead?: (holder: string) => Promise<boolean>;
  /** Default: it is always this process's turn. */
  readonly turn?: Turn;
  /**
   * Why this process can't do now what the lease is for, in words that go after its name; empty: it can. Asked every second.
   * Default: it always can.
   */
  readonly unable?: () => string;
  /** Told when it is got, from whom if that is known, and when it is lost, with the reason. */
  readonly onChange?: (held: boolean, reason: string, predecessor?: Predecessor) => void;
  /** Resolves when nothing is under way any more that began while it was held; a handover waits for it, for two seconds at most. */
  readonly settled?: () => Promise<void>;
}

export interface Lease {
  /** Whether it is held now; ask before each single effect. */
  isHeld(): boolean;
  /** Resolves when it is held for the first time. */
  readonly held: Promise<void>;
  /** Gives it up, so that another process can take it at once. */
  release(): Promise<void>;
}

/**
 * A lease that is held as long as it can be: taken when it is free and it is this process's turn, renewed, and waited for
 * again once lost. A renewal is counted from before it was sent, so that a slow answer never stretches it.
 */
export class HeldLease implements Lease {
  readonly #options: LeaseOptions;
  readonly #first = Promise.withResolvers<void>();
  /** Known while this process stands in the bucket, whether or not it may still believe in that. */
  #entry: Entry<LeaseRecord> | undefined;
  #until = Number.NEGATIVE_INFINITY;
  /** How often it was doubted, and how many of these doubts a write that began later has answered. */
  #doubts = 0;
  #answered = 0;
  /** Whether there is no way to NATS: what is asked then is lost, and its time limit only holds up what is asked after. */
  #isCut = false;
  #heldSince = 0;
  /** Since when nothing stands in the bucket though a living process claims it. */
  #missingSince: number | undefined;
  /** Since when it has been seen free, and its last holder. */
  #freeSince: number | undefined;
  #seen: { readonly holder: string; readonly writtenAt: number } | undefined;
  #isReleased = false;
  #isLeaving = false;
  #isSaidHeld = false;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #isRunning = false;
  #isAgain = false;
  #running: Promise<void>;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#running = this.#round();
  }

  get held(): Promise<void> {
    return this.#first.promise;
  }

  /** Since when it is held, on the monotonic clock; undefined while it is not. */
  get heldSince(): number | undefined {
    return this.isHeld() ? this.#heldSince : undefined;
  }

  /** Whether this process's name stands in it, as far as is known: others see it held. */
  get isOnRecord(): boolean {
    return this.#entry !== undefined;
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Why this process can't do now what the lease is for; empty: it can. */
  get unable(): string {
    return this.#options.unable?.() ?? "";
  }

  isHeld(): boolean {
    return !this.#isDoubted && this.#isInTime();
  }

  /**
   * Believes in it again only once it was read back and renewed: the way to NATS broke, so that the store may be another one
   * by now, or somebody else says that he holds it. Nobody is told as long as it may come out well.
   */
  doubt(): void {
    if (this.#entry !== undefined || this.#isRunning) this.#doubts += 1;
  }

  /** There is no way to NATS for now, and nobody knows which store will be there after. */
  interrupted(): void {
    this.#isCut = true;
    this.doubt();
  }

  /** The way to NATS is there again. */
  restored(): void {
    this.#isCut = false;
    this.look();
  }

  /** Who waits for it looks at it now, for it may be free; who doubts it reads it back. */
  look(): void {
    if (this.#entry !== undefined && !this.#isDoubted) return;
    if (this.#isRunning) this.#isAgain = true;
    else this.#schedule(0);
  }

  /** Stops what is done under it, frees it for another process, and stands by. `why` is told, as a sentence without its stop. */
  async handOver(to: string, why: string): Promise<void> {
    if (!this.isHeld()) return;
    const { bucket, key, settled, turn } = this.#options;
    this.#isLeaving = true;
    clearTimeout(this.#timer);
    this.#say(false, `lease ${key} goes to ${to}: ${why}`);
    await within(settleMs, this.#running.then(settled));
    // Whoever ends meanwhile gives it up besides.
    if (this.#isReleased) return;
    if (this.#entry !== undefined) await bucket.remove(key, this.#entry.revision).catch(() => undefined);
    this.#lost();
    this.#isLeaving = false;
    turn?.moved();
    this.#schedule(this.#options.retryMs ?? leaseDefaults.retryMs);
  }

  async release(): Promise<void> {
    const { bucket, key, turn } = this.#options;
    this.#isReleased = true;
    clearTimeout(this.#timer);
    // What is on its way may take it still; gone or taken over already, there is nothing to give up.
    const giveUp = async (): Promise<void> => {
      await this.#running;
      if (this.#entry !== undefined) await bucket.remove(key, this.#entry.revision).catch(() => undefined);
    };
    // A server that is away must not hold up the end.
    await within(releaseMs, giveUp());
    this.#lost();
    turn?.moved();
  }

  async #round(): Promise<void> {
    this.#isRunning = true;
    this.#isAgain = false;
    const { key, retryMs = leaseDefaults.retryMs } = this.#options;
    let nextMs: number = retryMs;
    try {
      if (!this.#isCut) nextMs = this.#entry === undefined ? await this.#try() : await this.#renew(this.#entry);
      else if (!this.#isInTime()) this.#say(false, `lease ${key} ran out while there was no way to NATS`);
    } catch (error) {
      const isTaken = hasCode(error, "already-exists", "stale-revision");
      // Not in the store as it is now: it may be free to be taken again.
      if (isTaken && this.#entry !== undefined) nextMs = 0;
      if (isTaken) this.#lost();
      if (!this.#isInTime()) this.#say(false, isTaken ? `lease ${key} is held by another process` : sentenceOf(error));
    }
    this.#isRunning = false;
    this.#schedule(this.#isAgain ? 0 : nextMs);
  }

  /** Takes it if it is free, or its holder dead, and it is this process's turn. Answers when to look again, in milliseconds. */
  async #try(): Promise<number> {
    const { bucket, key, holder, monotonic, turn, ttlMs = leaseDefaults.ttlMs } = this.#options;
    const retryMs = this.#options.retryMs ?? leaseDefaults.retryMs;
    const entry = await bucket.get(key);
    // Taken by this process, and the answer was lost.
    if (entry?.value.holder === holder) return this.#renew(entry);
    if (entry !== undefined) this.#seen = { holder: entry.value.holder, writtenAt: entry.writtenAt };
    if (entry === undefined && this.#isMissed()) return retryMs;
    const isDead = entry !== undefined && (await this.#options.isDead?.(entry.value.holder)) === true;
    if (entry !== undefined && !isDead) {
      this.#freeSince = undefined;
      this.#missingSince = undefined;
      return turn?.isClaimed() ? Math.max(claimedMs, retryMs) : retryMs;
    }
    this.#freeSince ??= monotonic();
    const leftMs = this.#freeSince + (turn?.waitMs(entry?.value.holder) ?? 0) - monotonic();
    if (leftMs > 0 || this.#isReleased) return Math.min(leftMs, retryMs);
    // Only if nobody has taken it since.
    if (entry !== undefined) await bucket.remove(key, entry.revision);
    await this.#take(() => bucket.create(key, { holder }, { ttlMs }));
    return this.#options.renewMs ?? leaseDefaults.renewMs;
  }

  /** Whether somebody who lives claims what does not stand in the bucket: the store was lost, and he knows soon. One time to live is the end of it. */
  #isMissed(): boolean {
    const { monotonic, turn, ttlMs = leaseDefaults.ttlMs } = this.#options;
    if (turn?.isClaimed() !== true) {
      this.#missingSince = undefined;
      return false;
    }
    this.#missingSince ??= monotonic();
    return monotonic() - this.#missingSince < ttlMs;
  }

  async #renew(known: Entry<LeaseRecord>): Promise<number> {
    const { bucket, key, holder, monotonic, ttlMs = leaseDefaults.ttlMs } = this.#options;
    let present = known;
    if (this.#isDoubted || monotonic() - this.#dueAt > lateMs) {
      // A store that was put back gives its revisions a second time: the name counts.
      const entry = await bucket.get(key);
      if (entry?.value.holder !== holder) return this.#isAnothers(entry);
      present = entry;
    }
    await this.#take(() => bucket.update(present, { holder }, { ttlMs }));
    return this.#options.renewMs ?? leaseDefaults.renewMs;
  }

  /** Answers when to look again, in milliseconds: whoever had it may have it again. */
  #isAnothers(entry: Entry<LeaseRecord> | undefined): number {
    const { key } = this.#options;
    this.#lost();
    this.#say(
      false,
      entry === undefined
        ? `lease ${key} is not in NATS any more: its store was lost or put back`
        : `lease ${key} is held by another process`,
    );
    return 0;
  }

  async #take(write: () => Promise<Entry<LeaseRecord>>): Promise<void> {
    const { bucket, key, clock, monotonic, ownNow, turn, ttlMs = leaseDefaults.ttlMs } = this.#options;
    const started = monotonic();
    const sentAt = ownNow();
    const doubts = this.#doubts;
    const written = await write();
    // What began before a break of the connection may have been answered by a store that is no more.
    this.#answered = doubts;
    if (this.#isDoubted) this.#isAgain = true;
    const isNew = this.#entry === undefined;
    this.#entry = written;
    this.#until = started + ttlMs;
    this.#freeSince = undefined;
    this.#missingSince = undefined;
    const answeredAt = ownNow();
    const entry = await bucket.get(key);
    if (entry?.revision === written.revision) clock.measured(entry.writtenAt, { sentAt, answeredAt });
    if (!isNew) return this.#say(true, `lease ${key} is held`);
    this.#heldSince = monotonic();
    this.#say(true, `lease ${key} is held`);
    turn?.moved();
  }

  #predecessor(): Predecessor | undefined {
    const { clock, monotonic, turn, holder } = this.#options;
    if (this.#seen === undefined || this.#seen.holder === holder) return undefined;
    const { holder: process, writtenAt } = this.#seen;
    const signAt = turn?.lastSignOf(process);
    const silentMs = signAt === undefined ? clock.now() - writtenAt : monotonic() - signAt;
    return { process, silentMs: Math.max(0, Math.round(silentMs)), unable: turn?.unableOf(process) ?? "" };
  }

  get #isDoubted(): boolean {
    return this.#answered !== this.#doubts;
  }

  /** Whether its time has not run out, doubted or not. */
  #isInTime(): boolean {
    return !this.#isReleased && !this.#isLeaving && this.#options.monotonic() < this.#until;
  }

  #lost(): void {
    this.#entry = undefined;
    this.#until = Number.NEGATIVE_INFINITY;
  }

  #say(held: boolean, reason: string): void {
    if (held === this.#isSaidHeld || this.#isReleased || (held && !this.isHeld())) return;
    this.#isSaidHeld = held;
    this.#options.onChange?.(held, reason, held ? this.#predecessor() : undefined);
    if (held) this.#first.resolve();
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isReleased || this.#isLeaving) return;
    this.#dueAt = this.#options.monotonic() + ms;
    this.#timer = setTimeout(() => {
      this.#running = this.#round();
    }, ms);
  }
}

/** Waits for something, and no longer than so many milliseconds. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const late = setTimeout(limit.resolve, ms);
  await Promise.race([work.catch(() => undefined), limit.promise]);
  clearTimeout(late);
}
