import { join } from "node:path";
import { sentenceOf } from "@kubestack/contracts";
import { partsEnvironment } from "@kubestack/real-parts";
import { environment } from "@kubestack/runtime";
import { Interrupted, onInterruption, onParentGone, PartDied } from "./interruption.ts";
import { runOnce } from "./run-once.ts";
import { runUntilTold } from "./run-until-told.ts";
import { startSandbox } from "./sandbox.ts";
import { TakingDown } from "./taking-down.ts";
import { openScreen, type Screen } from "./terminal/screen.ts";
import { welcomeText } from "./welcome.ts";

/** Starts a sandbox, stays in it or runs the sample builds once, takes it down, and returns the exit code. */
export async function runSandbox(once: boolean): Promise<number> {
  // Somebody who reads no more is no reason to end.
  process.stdout.on("error", () => undefined);
  const screen = openScreen(process.stdout, environment);
  process.once("exit", () => screen.end());
  const down = new TakingDown((line) => screen.say(line));
  const ending = onInterruption({
    source: process,
    monotonic: () => performance.now(),
    force: (code) => {
      down.force();
      process.exit(code);
    },
  });
  onParentGone(ending);
  const { signal } = ending;
  const run = { isReady: false, faults: [] as string[], error: undefined as unknown };
  try {
    const sandbox = await startSandbox({ screen, signal, down });
    void sandbox.died.then((sentence) => ending.abort(new PartDied(sentence)));
    screen.say(welcomeText({ ...sandbox, readyAfterMs: performance.now() }));
    run.isReady = true;
    run.faults = await (once ? runOnce : runUntilTold)(sandbox, { screen, down, signal });
  } catch (error) {
    run.error = signal.aborted ? signal.reason : error;
  }
  return takeDown({ ...run, once, screen, down });
}

interface End {
  readonly once: boolean;
  readonly isReady: boolean;
  readonly faults: readonly string[];
  readonly error: unknown;
  readonly screen: Screen;
  readonly down: TakingDown;
}

async function takeDown({ once, isReady, faults, error, screen, down }: End): Promise<number> {
  screen.show(undefined);
  const isInterrupted = error instanceof Interrupted;
  for (const fault of faults) screen.say(fault);
  if (error !== undefined && !isInterrupted) screen.say(asSentence(sentenceOf(error)));
  const isFailed = faults.length > 0 || (error !== undefined && !isInterrupted);
  screen.say(isInterrupted ? `\n${error.message} (once more: by force)` : "\nTaking everything down");
  const log = join(partsEnvironment().cacheDir, "sandbox", "failed.log");
  if (isFailed && (await down.saveLog(log))) screen.say(`  the services' log is kept in ${log}`);
  const isClean = await down.run();
  if (isFailed || !isClean) return 1;
  return isInterrupted && (once || !isReady) ? 130 : 0;
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
