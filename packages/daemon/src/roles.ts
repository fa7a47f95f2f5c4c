/** As what a supervisor serves a master: as one of the configuration, as one that has left it, or not at all. */
export type Role = "listed" | "removed" | "none";

/** What is known of a master where its role is decided. */
export interface Standing {
  /** Whether this process's configuration names it. */
  readonly isListed: boolean;
  /** Whether `--masters` lets this process serve it. */
  readonly isAllowed: boolean;
  /** What is kept of it in NATS: whether some process found it gone from the configuration. Undefined: nothing is kept. */
  readonly kept: { readonly isRemoved: boolean } | undefined;
  /** As what this process serves it until now. */
  readonly role: Role;
  /** Whether it owns the master. */
  readonly owns: boolean;
  /** How long nobody has held the supervisors' lease of it, as this process saw it, in milliseconds. */
  readonly orphanedMs: number;
}

/** A master that nobody supervises for this long, in milliseconds, is named by nobody's configuration. */
export const orphanMs = 10_000;

/**
 * As what a master is served from now on. Processes may read the file at different times, so one that does not name a master
 * leaves it to those that do: it takes it for removed only where the kept record says so, where it was the owner itself, or
 * where nobody supervises it. Pure.
 */
export function roleOf({ isListed, isAllowed, kept, role, owns, orphanedMs }: Standing): Role {
  if (!isAllowed) return "none";
  if (isListed) return "listed";
  if (kept === undefined) return "none";
  if (kept.isRemoved) return "removed";
  return (role === "listed" && owns) || orphanedMs >= orphanMs ? "removed" : "none";
}
