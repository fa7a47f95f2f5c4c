/** What a bus in memory is made of, so that tests in virtual time hold leases and measure clocks as programs do. */
export { measuredClock } from "./clock.ts";
export { holdLease } from "./lease.ts";
export { Vitality } from "./vitality.ts";
