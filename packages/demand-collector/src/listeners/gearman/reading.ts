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

/** Asks how functions stand, and, only where builds name no label, what workers have registered. */
export async function readServer(client: AdminClient): Promise<ServerReading> {
  const builds: WantedBuilds[] = [];
  let more = 0;
  const { unreadable, tooLong } = await client.status((count) => {
    const wanted = wantedBuilds(count);
    if (wanted === undefined) return;
    if (builds.length < mostFunctions) builds.push(wanted);
    else more += 1;
  });
  const labels = new RegisteredLabels(jobsWithoutLabel(builds));
  let skipped = unreadable + tooLong;
  if (labels.isWanted) {
    const rows = await client.workers((row) => labels.saw(row));
    skipped += rows.unreadable + rows.tooLong;
  }
  return { builds: withWorkersLabels(builds, labels), more, skipped };
}
