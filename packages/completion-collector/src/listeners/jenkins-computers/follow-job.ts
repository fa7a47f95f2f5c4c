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

/**
 * The job's youngest builds that are over, as many as `count` of its items left and a few beyond, for masters that do not
 * tell what became of an item. Those that still run are shown by readings. Raises what the master's answers raise.
 */
export async function endedBuildsOf(
  master: Pick<Master, "readNewestBuild" | "readBuild">,
  jobUrl: string,
  count: number,
): Promise<Ended[]> {
  const newest = await readOrNone(() => master.readNewestBuild(jobUrl));
  if (newest === null) return [];
  const ended: Ended[] = [];
  const oldest = Math.max(1, newest.number - Math.min(most, count + 2) + 1);
  for (let number = newest.number; number >= oldest; number -= 1) {
    const url = newest.url.replace(/\d+\/$/, `${number}/`);
    const build = await readOrNone(() => master.readBuild(url));
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
