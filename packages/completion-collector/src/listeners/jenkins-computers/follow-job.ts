import { hasCode } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { Placed } from "./running-builds.ts";

/** A build that is over, and how it ended. */
export interface Ended {
  readonly placed: Placed;
  readonly result: string | null;
}

/** Builds of a job looked at in one go at most: each costs a request. */
const most = 20;
/** So many more than items left are looked at: some may be of items that were never listed. */
const beyond = 2;

/** Items of one job that left the queue unseen. */
export interface LeftOfJob {
  readonly job: string;
  /** How many of them. */
  readonly count: number;
  /** Whether a reading showed the build at this address: then its story is known. */
  readonly isShown: (url: string) => boolean;
}

/**
 * The job's youngest builds that are over and that no reading showed, as many as items of it left and a few beyond, for
 * masters that do not tell what became of an item. Those that still run are none of them, and readings show them: after a
 * restart of the master very many may have begun at once. Raises what the master's answers raise.
 */
export async function endedBuildsOf(
  master: Pick<Master, "readNewestBuild" | "readBuild">,
  { job, count, isShown }: LeftOfJob,
): Promise<Ended[]> {
  const newest = await readOrNone(() => master.readNewestBuild(job));
  if (newest === null) return [];
  const ended: Ended[] = [];
  let asked = 0;
  let running = 0;
  for (let { number } = newest; number > 0 && asked < most && asked - running < count + beyond; number -= 1) {
    const url = newest.url.replace(/\d+\/$/, `${number}/`);
    if (isShown(url)) continue;
    asked += 1;
    const build = await readOrNone(() => master.readBuild(url));
    if (build?.building) running += 1;
    if (build === null || build.building || build.builtOn === null || build.builtOn === "") continue;
    ended.push({ placed: { node: build.builtOn, build: { url, number } }, result: build.result });
  }
  return ended;
}

/** Null for what was deleted, or is not for our eyes. */
async function readOrNone<T>(read: () => Promise<T | null>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (hasCode(error, "not-found", "master-refused")) return null;
    throw error;
  }
}
