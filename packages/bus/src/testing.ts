/** What a bus in memory is made of, so that tests in virtual time hold leases and measure clocks as programs do; and what befalls a store. */
export { measuredClock } from "./clock.ts";
export { deleteStores } from "./delete-stores.ts";
export { Duties } from "./duties.ts";
export { Vitality } from "./vitality.ts";
