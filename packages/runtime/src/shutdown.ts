import { sentenceOf } from "@kubestack/contracts";
import type { Logger } from "./logger.ts";

/** Something that was started and can be stopped. */
export interface Stoppable {
  readonly name: string;
  stop(): Promise<void>;
}

/** One that does not end within this time, in milliseconds, is left behind. */
const stopLimitMs = 15_000;

/** What was started, in order; stopped in the opposite order, each whatever became of the others. */
export class Started {
  readonly #log: Logger;
  readonly #parts: Stoppable[] = [];
  #stopping: Promise<void> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  add<T extends Stoppable>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  /** Stops everything once; asking again waits for the same end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const part of this.#parts.toReversed()) {
      try {
        await withinLimit(part.stop(), part.name);
      } catch (error) {
        this.#log.warn({ part: part.name }, `stopping ${part.name}: ${sentenceOf(error)}`);
      }
    }
  }
}

async function withinLimit(stopping: Promise<void>, name: string): Promise<void> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(`${name} did not end within 15 s`)), stopLimitMs);
  try {
    await Promise.race([stopping, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP, with its name. A second one ends the process at once. */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (asked) process.exit(signal === "SIGINT" ? 130 : 143);
        asked = true;
        resolve(signal);
      });
    }
  });
}
