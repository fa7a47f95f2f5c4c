import { startCounting } from "./once/counts.ts";
import { leftovers, untilNothingIsLeft } from "./once/leftovers.ts";
import { type Figures, faultsOf, figureLines, outcomeTable } from "./once/report.ts";
import { startSampleRun } from "./sample-run.ts";
import type { Sandbox } from "./sandbox.ts";
import type { TakingDown } from "./taking-down.ts";
import type { Screen } from "./terminal/screen.ts";

/** The sample builds take seconds; whatever holds them up so long is a fault. */
const buildsLimitMs = 180_000;
const cleanLimitMs = 60_000;
/** As the configuration file has it. */
const intervalMs = 2000;

export interface Place {
  readonly screen: Screen;
  readonly down: TakingDown;
  readonly signal: AbortSignal;
}

/** Runs each sample build once and says what came of it. Returns what is wrong, in sentences. */
export async function runOnce(sandbox: Sandbox, { screen, down, signal }: Place): Promise<string[]> {
  const counts = await startCounting(sandbox.world, sandbox.bus, (sentence) => screen.say(sentence));
  down.add("", counts.stop);
  const run = await startSampleRun(sandbox, screen, "Each build runs once; Ctrl-C ends it before");
  down.add("", run.watching.stop);
  await run.untilEnded(buildsLimitMs, signal);
  const endedAt = performance.now();
  const left = await untilNothingIsLeft(
    async () => [...(await leftovers(sandbox.world)), ...run.board.unfinished()],
    cleanLimitMs,
    signal,
  );
  const cleanMs = performance.now() - endedAt;
  const { outcomes, ...numbers } = await run.outcomes();
  const figures: Figures = {
    ...numbers,
    intervalMs,
    longestRoundMs: counts.longestRoundMs(),
    podsCreated: counts.podsCreated(),
    secretsCreated: counts.secretsCreated(),
  };
  screen.show(undefined);
  screen.say("");
  screen.say(outcomeTable(outcomes, { width: screen.width(), colour: screen.colour }));
  screen.say("");
  for (const line of figureLines(figures)) screen.say(line);
  if (left.length > 0)
    return [...faultsOf(outcomes, figures), `Left after ${cleanLimitMs / 1000} s: ${left.join(", ")}.`];
  screen.say(`no pod, no Secret and no node left ${(cleanMs / 1000).toFixed(1)} s after the last build`);
  return faultsOf(outcomes, figures);
}
