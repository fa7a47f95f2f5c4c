/** A pod that outlives its slave. */
export interface RetainedPod {
  readonly name: string;
  readonly uid: string;
  readonly template: string;
  /** In milliseconds of NATS's time. */
  readonly until: number;
}

/** How many pods are kept at once. */
export interface RetentionCap {
  /** By which templates, in words. */
  readonly of: string;
  readonly most: number;
}

/** What bounds the pods that are kept. */
export interface RetentionBounds {
  readonly now: number;
  /** Whether their master is still in the configuration: nobody would end them once it is left. */
  readonly isListed: boolean;
  /** All that hold for pods of a template. */
  readonly caps: (template: string) => readonly RetentionCap[];
}

/** The kept pods whose time is over, and those that are too many under a cap, which would end first. Pure. */
export function expired<P extends RetainedPod>(
  pods: readonly P[],
  { now, isListed, caps }: RetentionBounds,
): { readonly pod: P; readonly reason: string }[] {
  const kept = new Map<string, number>();
  const newestFirst = pods.toSorted((a, b) => b.until - a.until || (a.name < b.name ? 1 : -1));
  return newestFirst.flatMap((pod) => {
    if (!isListed) return [{ pod, reason: "it was kept, and its master is served no longer" }];
    if (pod.until <= now) return [{ pod, reason: `it was kept until ${new Date(pod.until).toISOString()}` }];
    const its = caps(pod.template);
    const full = its.find(({ of, most }) => (kept.get(of) ?? 0) >= most);
    if (full !== undefined) return [{ pod, reason: `it was kept; of ${full.of} ${full.most} are kept at most` }];
    for (const { of } of its) kept.set(of, (kept.get(of) ?? 0) + 1);
    return [];
  });
}
