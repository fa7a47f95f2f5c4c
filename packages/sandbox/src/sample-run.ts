import { keys } from "@kubestack/contracts";
import { systemTiming } from "@kubestack/runtime";
import { Board } from "./board/board.ts";
import { boardPicture } from "./board/board-picture.ts";
import { buildLine, slaveLine } from "./board/event-line.ts";
import { type Watching, watchBoard } from "./board/watch.ts";
import { masterName } from "./configuration-file.ts";
import { type Outcome, outcomesOf, podLatencies } from "./once/outcome.ts";
import { sampleJobs } from "./sample-jobs.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Screen } from "./terminal/screen.ts";

/** The sample builds, each asked for once, and the board that shows them. */
export interface SampleRun {
  readonly board: Board;
  readonly watching: Watching;
  /** Resolves when each has ended, or after the limit. */
  untilEnded(limitMs: number, signal: AbortSignal): Promise<void>;
  /** What came of them so far. */
  outcomes(): Promise<{ outcomes: Outcome[]; podLatenciesMs: number[]; buildsEnded: number }>;
}

const lookEveryMs = 100;

/** Shows the board, and asks for one build of each sample job. */
export async function startSampleRun(sandbox: Sandbox, screen: Screen, foot: string): Promise<SampleRun> {
  const { world, bus } = sandbox;
  const { admin } = world.master;
  const board = new Board(new Map(sampleJobs.map(({ name, label }) => [name, label])));
  const line = screen.isLive ? () => undefined : (text: string) => screen.say(text);
  const watching = watchBoard({
    admin,
    bus,
    board,
    onBuild: (news) => line(buildLine(news)),
    onSlave: (event) => line(slaveLine(event)),
    onMaster: (sentence) => screen.say(sentence),
  });
  screen.show(({ columns, rows }) =>
    boardPicture(board, { now: Date.now(), columns, rows, colour: screen.colour, foot }),
  );
  const asked = new Map<string, number>();
  // One after the other, so that they stand in the queue in the order of the table.
  for (const { name } of sampleJobs) {
    asked.set(name, Date.now());
    await admin.build(name);
  }
  const firstBuilds = () => watching.view().builds.filter(({ job, number }) => number === 1 && asked.has(job));
  return {
    board,
    watching,
    untilEnded: async (limitMs, signal) => {
      const deadline = systemTiming.monotonic() + limitMs;
      const hasEnded = (): boolean =>
        firstBuilds().filter(({ result }) => result !== null).length === sampleJobs.length;
      while (!hasEnded() && systemTiming.monotonic() < deadline) {
        signal.throwIfAborted();
        await systemTiming.sleep(lookEveryMs, signal);
      }
    },
    outcomes: async () => {
      const records = (await bus.slaves.list(keys.slavesOf(masterName))).map(({ value }) => value);
      const { builds } = watching.view();
      return {
        outcomes: outcomesOf({ jobs: sampleJobs, asked, builds, records }),
        podLatenciesMs: podLatencies(records),
        buildsEnded: builds.filter(({ result }) => result !== null).length,
      };
    },
  };
}
