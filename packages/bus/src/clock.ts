/** NATS's time: this machine's clock plus the offset measured against the server. */
export interface BusClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Server minus own clock, in milliseconds, as last measured; 0 before the first measure. */
  offsetMs(): number;
}

/** An offset beyond this is worth an alert: this machine's clock is off. */
export const offsetAlertMs = 2000;

export interface MeasuredClock extends BusClock {
  /** Takes in one measure: the server's timestamp of a write that was sent and answered at these own times. */
  measured(serverTime: number, own: { sentAt: number; answeredAt: number }): void;
}

/** A measure that is no further off than this, in milliseconds, is taken as it is. */
const fineMs = 100;

/** A clock that is told the server's time now and then. `ownNow` is this machine's clock. */
export function measuredClock(ownNow: () => number): MeasuredClock {
  let offset = 0;
  let last = 0;
  let isMeasured = false;
  return {
    // A measure may set the clock back by some milliseconds; what is read never goes back for that.
    now: () => {
      last = Math.max(last, ownNow() + offset);
      return last;
    },
    offsetMs: () => offset,
    measured: (serverTime, own) => {
      const middle = serverTime - (own.sentAt + own.answeredAt) / 2;
      // Written some time between sending and hearing of it: where that took long, what was known stands as far as it may.
      const unsureMs = (own.answeredAt - own.sentAt) / 2;
      const isFine = unsureMs <= fineMs || !isMeasured;
      const next = isFine ? middle : Math.min(Math.max(offset, middle - unsureMs), middle + unsureMs);
      isMeasured = true;
      // A step of a second and more is a clock that was set: then it may go back.
      if (Math.abs(next - offset) > 1000) last = 0;
      offset = next;
    },
  };
}
