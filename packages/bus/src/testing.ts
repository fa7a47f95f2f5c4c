/**
 * What a bus in memory is made of, so that tests in virtual time hold leases and measure clocks as programs do; what befalls a
 * store; and how a message is written and read.
 */
export { measuredClock } from "./clock.ts";
export { deleteStores } from "./delete-stores.ts";
export { Duties } from "./duties.ts";
export { pack, unpack } from "./envelope.ts";
export { Vitality } from "./vitality.ts";
