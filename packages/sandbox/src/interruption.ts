/** Why everything is to end: somebody said so. */
export class Interrupted extends Error {
  readonly by: string;

  constructor(by: string) {
    super(`${by}: taking everything down`);
    this.name = "Interrupted";
    this.by = by;
  }
}

/** Why everything is to end: a part of the world ended by itself. */
export class PartDied extends Error {
  override readonly name = "PartDied";
}

/** Where signals come from: the process, or a test's own emitter. */
export interface SignalSource {
  on(signal: NodeJS.Signals, handler: () => void): unknown;
}

export interface InterruptionOptions {
  readonly source: SignalSource;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
  /** At the second time: end at once, whatever is under way. */
  readonly force: (code: number) => void;
}

/** npm passes Ctrl-C on to its child, which the terminal has told already: two signals this close are one. */
const sameKeyMs = 500;
const names = { SIGINT: "Ctrl-C", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP" } as const;

/** Aborts the signal with `Interrupted` at the first SIGINT, SIGTERM or SIGHUP, and forces at the next. */
export function onInterruption({ source, monotonic, force }: InterruptionOptions): AbortController {
  const ending = new AbortController();
  let firstAt: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    source.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = monotonic();
        ending.abort(new Interrupted(names[signal]));
      } else if (monotonic() - firstAt > sameKeyMs) force(signal === "SIGINT" ? 130 : 143);
    });
  }
  return ending;
}

/** Aborts when the process that started this one is gone, however it went: nobody would take the world down any more. */
export function onParentGone(ending: AbortController): void {
  const parent = process.ppid;
  const watching = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watching);
    ending.abort(new Interrupted("The process that started this is gone"));
  }, 1000);
  watching.unref();
}
