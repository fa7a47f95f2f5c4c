import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { outcomeTable } from "./once/report.ts";
import type { Place } from "./run-once.ts";
import { sampleJobs } from "./sample-jobs.ts";
import { startSampleRun } from "./sample-run.ts";
import type { Sandbox } from "./sandbox.ts";
import { moreBuildsText } from "./welcome.ts";

/** Runs the sample builds, so that there is something to see, and then goes on until the signal. */
export async function runUntilTold(sandbox: Sandbox, { screen, down, signal }: Place): Promise<never> {
  const { master, folder } = sandbox.world;
  const run = await startSampleRun(sandbox, screen, "Ctrl-C takes all of it down");
  down.add("", run.watching.stop);
  await run.untilEnded(Number.POSITIVE_INFINITY, signal);
  const { outcomes } = await run.outcomes();
  screen.say(outcomeTable(outcomes, { width: screen.width(), colour: screen.colour }));
  const netrc = join(folder, "netrc");
  const { hostname } = new URL(master.url);
  await writeFile(netrc, `machine ${hostname} login ${master.user} password ${master.password}\n`, { mode: 0o600 });
  screen.say(moreBuildsText(master.url, netrc, sampleJobs[0]?.name ?? ""));
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
