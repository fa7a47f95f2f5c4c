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

/** A clock that is told the server's time now and then. `ownNow` is this machine's clock. */
export function measuredClock(ownNow: () => number): MeasuredClock {
  let offset = 0;
  let last = 0;
  return {
    // A measure may set the clock back by some milliseconds; what is read never goes back for that.
    now: () => {
      last = Math.max(last, ownNow() + offset);
      return last;
    },
    offsetMs: () => offset,
    measured: (serverTime, own) => {
      const next = serverTime - (own.sentAt + own.answeredAt) / 2;
      // A step of a second and more is a clock that was set: then it may go back.
      if (Math.abs(next - offset) > 1000) last = 0;
      offset = next;
    },
  };
}
