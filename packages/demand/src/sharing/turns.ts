/** What a template counts for among those that share its master's caps. */
export interface Standing {
  /** Launches of a higher one come first, whatever the others have. */
  readonly priority: number;
  /** Its part against those of other templates of the same priority. */
  readonly weight: number;
  /** What its slaves have of what is shared, in any unit that all of them are measured in. */
  readonly used: number;
}

/** A launch that may have to wait for others. */
export interface Candidate {
  readonly template: string;
  /** What it adds to what its template has. */
  readonly ask: number;
}

/**
 * Launches in the order in which they are made where not all can be: those of a higher priority first; under one priority always one of
 * the template that has the least by its weight, so that templates come to weighted max-min fair shares of whatever they share;
 * of one template, and of templates that have equally much, in the order given. Pure.
 */
export function inTurn<T extends Candidate>(candidates: readonly T[], standingOf: (template: string) => Standing): T[] {
  const levels = new Map<string, { readonly standing: Standing; has: number }>();
  const placed = candidates.map((candidate) => {
    const level = levels.get(candidate.template) ?? levelOf(standingOf(candidate.template));
    levels.set(candidate.template, level);
    const place = { candidate, priority: level.standing.priority, has: level.has / level.standing.weight };
    level.has += candidate.ask;
    return place;
  });
  if (levels.size < 2) return [...candidates];
  // What a template has only grows, so that its own launches stay in their order.
  return placed.sort((a, b) => b.priority - a.priority || a.has - b.has).map(({ candidate }) => candidate);
}

function levelOf(standing: Standing) {
  return { standing, has: standing.used };
}
