import { setTimeout as wait } from "node:timers/promises";
import {
  type AdminClient,
  jobsWithoutLabel,
  RegisteredLabels,
  type WantedBuilds,
  wantedBuilds,
  withWorkersLabels,
} from "@kubestack/gearman";

/** Of so many functions with builds what they want is kept. */
const mostFunctions = 20_000;

/** What a server wants now, and what of its answers could not be taken in. */
export interface ServerReading {
  readonly builds: readonly WantedBuilds[];
  /** Functions with builds beyond those that are kept. */
  readonly more: number;
  /** Lines that could not be read, or were too long. */
  readonly skipped: number;
}

/**
 * A worker that idles takes what waits within milliseconds; what waits for longer than this, in milliseconds, has none, or
 * one that is dead.
 */
const taking = 200;

/**
 * Asks how functions stand, and, only where builds name no label, what workers have registered. Where something waits that an
 * idle worker might take, it is asked once more when that has had its time: nobody's word is taken for a worker that does not.
 */
export async function readServer(client: Pick<AdminClient, "status" | "workers">): Promise<ServerReading> {
  let counts = await readCounts(client);
  if (counts.builds.some(mayBeTaken)) {
    await wait(taking);
    counts = await readCounts(client);
  }
  const labels = new RegisteredLabels(jobsWithoutLabel(counts.builds));
  let { skipped } = counts;
  if (labels.isWanted) {
    const rows = await client.workers((row) => labels.saw(row));
    skipped += rows.unreadable + rows.tooLong;
  }
  return { ...counts, builds: withWorkersLabels(counts.builds, labels), skipped };
}

/** Whether some of it waits though not all of its workers work for it. */
function mayBeTaken({ total, running, workers }: WantedBuilds): boolean {
  return total > running && workers > running;
}

async function readCounts(client: Pick<AdminClient, "status">): Promise<ServerReading> {
  const builds: WantedBuilds[] = [];
  let more = 0;
  const { unreadable, tooLong } = await client.status((count) => {
    const wanted = wantedBuilds(count);
    if (wanted === undefined) return;
    if (builds.length < mostFunctions) builds.push(wanted);
    else more += 1;
  });
  return { builds, more, skipped: unreadable + tooLong };
}
