/** Somebody who has something of a cap, and may want more. */
export interface Claim {
  readonly weight: number;
  /** What it has and what it wants besides. */
  readonly demand: number;
}

/**
 * Weighted max-min fair shares of a cap, in the order of the claims: nobody gets more than its demand, and what somebody leaves
 * goes to the others by their weights. Where the demands fit together, each gets its own. Pure.
 */
export function fairShares(cap: number, claims: readonly Claim[]): number[] {
  const shares = claims.map(() => 0);
  let left = cap;
  let open = claims.map((claim, at) => ({ at, ...claim }));
  while (open.length > 0) {
    const weights = open.reduce((sum, { weight }) => sum + weight, 0);
    const level = left / weights;
    const satisfied = open.filter(({ demand, weight }) => demand <= level * weight);
    if (satisfied.length === 0) {
      for (const { at, weight } of open) shares[at] = level * weight;
      break;
    }
    for (const { at, demand } of satisfied) {
      shares[at] = demand;
      left -= demand;
    }
    open = open.filter((one) => !satisfied.includes(one));
  }
  return shares;
}
