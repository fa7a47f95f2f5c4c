const firstMs = 200;
const longestMs = 15_000;

/**
 * How long to wait before the next try after `failures` in a row (1: the first): doubling from 0.2 s to 15 s, of which between half
 * and all is waited, so that many watchers do not come back at once. `atLeastMs` is what the server asked for.
 */
export function watchBackoffMs(failures: number, random: number, atLeastMs = 0): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return Math.max(atLeastMs, Math.round(full * (0.5 + random / 2)));
}
