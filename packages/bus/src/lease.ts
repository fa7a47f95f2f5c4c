import { hasCode, type LeaseRecord, sentenceOf } from "@kubestack/contracts";
import type { Bucket } from "./bucket.ts";
import type { MeasuredClock } from "./clock.ts";

export const leaseDefaults = { ttlMs: 15_000, renewMs: 5_000, retryMs: 1_000 } as const;

/** Giving up a lease is a courtesy to the next holder, worth waiting this long for, in milliseconds. */
const releaseMs = 1000;

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
  /** Told when it is got and when it is lost, with the reason. */
  readonly onChange?: (held: boolean, reason: string) => void;
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
 * Holds a lease as long as it can: takes it when it is free, renews it, and waits for it again once lost.
 * A renewal is counted from before it was sent, so that a slow answer never stretches it.
 */
export function holdLease(options: LeaseOptions): Lease {
  const { bucket, key, holder, clock, monotonic, ownNow } = options;
  const ttlMs = options.ttlMs ?? leaseDefaults.ttlMs;
  const renewMs = options.renewMs ?? leaseDefaults.renewMs;
  const retryMs = options.retryMs ?? leaseDefaults.retryMs;
  let revision: number | undefined;
  let until = Number.NEGATIVE_INFINITY;
  let released = false;
  let said = false;
  let timer: NodeJS.Timeout | undefined;
  const first = Promise.withResolvers<void>();

  const isHeld = (): boolean => !released && monotonic() < until;

  const say = (held: boolean, reason: string): void => {
    if (held === said || released) return;
    said = held;
    options.onChange?.(held, reason);
    if (held) first.resolve();
  };

  const measure = async (sentAt: number): Promise<void> => {
    const answeredAt = ownNow();
    const entry = await bucket.get(key);
    if (entry !== undefined && entry.revision === revision) clock.measured(entry.writtenAt, { sentAt, answeredAt });
  };

  const take = async (): Promise<void> => {
    const started = monotonic();
    const sentAt = ownNow();
    const entry =
      revision === undefined
        ? await bucket.create(key, { holder }, { ttlMs })
        : await bucket.update({ key, revision }, { holder }, { ttlMs });
    revision = entry.revision;
    until = started + ttlMs;
    await measure(sentAt);
    say(true, `lease ${key} is held`);
  };

  const round = async (): Promise<void> => {
    try {
      await take();
      schedule(renewMs);
    } catch (error) {
      const taken = hasCode(error, "already-exists", "stale-revision");
      if (taken) {
        revision = undefined;
        until = Number.NEGATIVE_INFINITY;
      }
      if (!isHeld()) say(false, taken ? `lease ${key} is held by another process` : sentenceOf(error));
      const isFree = taken && !released && (await buried().catch(() => false));
      schedule(isFree ? 0 : retryMs);
    }
  };

  /** Removes the lease of a holder that is dead, if nobody has taken it since. */
  const buried = async (): Promise<boolean> => {
    const entry = await bucket.get(key);
    if (entry === undefined || entry.value.holder === holder || !(await options.isDead?.(entry.value.holder)))
      return false;
    await bucket.remove(key, entry.revision);
    return true;
  };

  const schedule = (ms: number): void => {
    if (released) return;
    timer = setTimeout(() => {
      running = round();
    }, ms);
  };

  let running = round();
  return {
    isHeld,
    held: first.promise,
    release: async () => {
      released = true;
      clearTimeout(timer);
      // What is on its way may take it still; gone or taken over already, there is nothing to give up.
      const giveUp = async (): Promise<void> => {
        await running;
        if (revision !== undefined) await bucket.remove(key, revision).catch(() => undefined);
      };
      // A server that is away must not hold up the end.
      const limit = Promise.withResolvers<void>();
      const late = setTimeout(limit.resolve, releaseMs);
      await Promise.race([giveUp(), limit.promise]);
      clearTimeout(late);
    },
  };
}
