import type { SlaveRecord } from "./slave.ts";

/** At most so many pods may follow a lost one: whoever loses more than that loses them by something that another pod does not mend. */
export const mostRelaunches = 9;

/**
 * The name of a slave's pod, and of the Secret that belongs to it: the first one has the slave's, each that follows a lost
 * one bears its number behind that. No slave's name ends so.
 */
export function podName({
  name,
  attempt = 1,
}: {
  readonly name: string;
  readonly attempt?: number | undefined;
}): string {
  return attempt === 1 ? name : `${name}-${attempt}`;
}

/** The name of the pod that a slave has now. */
export function podNameOf({
  name,
  life,
}: {
  readonly name: string;
  readonly life: Pick<SlaveRecord["life"], "attempt">;
}): string {
  return podName({ name, attempt: life.attempt });
}

/** The slave's name, out of that of its pod, or of what that owns, and of which of its pods it is; undefined where the two say different things. */
export function slaveOfPod(name: string, attempt: number): string | undefined {
  if (attempt === 1) return name;
  const end = `-${attempt}`;
  return name.endsWith(end) ? name.slice(0, -end.length) : undefined;
}
