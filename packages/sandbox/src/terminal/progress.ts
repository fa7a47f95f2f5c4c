import { systemTiming } from "@kubestack/runtime";
import { type Cell, renderTable } from "./table.ts";
import { elapsed } from "./text.ts";

/** A part that is being started. */
export interface Step {
  readonly name: string;
  /** What is being done. */
  readonly doing: string;
  readonly tookMs: number;
  readonly isReady: boolean;
}

const titles = ["PART", "TIME", "STATE"];

/** One line for each part, for a window of so many columns. */
export function progressPicture(steps: readonly Step[], look: { columns: number; colour: boolean }): string[] {
  const rows = steps.map(({ name, doing, tookMs, isReady }): Cell[] => [
    name,
    elapsed(tookMs),
    isReady ? { text: "ready", tone: "good" } : withoutTime(doing),
  ]);
  return renderTable(titles, rows, { width: look.columns, colour: look.colour });
}

/** What a part says of the time it has taken comes every ten seconds; the line has a clock of its own. */
function withoutTime(doing: string): string {
  return doing.replace(/… \d[\dms]*/, "…");
}

/** Where lines stay, a part that says nothing for so long is said to live. */
const sayEveryMs = 10_000;

interface Part {
  readonly beganAt: number;
  doing: string;
  saidAt: number;
  tookMs: number | undefined;
}

/** Follows parts that start side by side, and says in lines what a plain stream's reader wants to know. */
export class Progress {
  readonly #parts = new Map<string, Part>();
  readonly #say: (line: string) => void;
  readonly #now: () => number;

  constructor(say: (line: string) => void, now: () => number = systemTiming.monotonic) {
    this.#say = say;
    this.#now = now;
  }

  begin(name: string, doing = "starting"): void {
    this.#parts.set(name, { beganAt: this.#now(), doing, saidAt: this.#now(), tookMs: undefined });
  }

  doing(name: string, line: string): void {
    const part = this.#parts.get(name);
    if (part === undefined || part.tookMs !== undefined) return;
    part.doing = line;
    part.saidAt = this.#now();
    this.#say(`${name}: ${line}`);
  }

  ready(name: string): void {
    const part = this.#parts.get(name);
    if (part === undefined) return;
    part.tookMs = this.#now() - part.beganAt;
    this.#say(`${name}: ready after ${(part.tookMs / 1000).toFixed(1)} s`);
  }

  /** To be called now and then: says of each part that was silent for long that it is still at work. */
  tick(): void {
    for (const [name, part] of this.#parts) {
      if (part.tookMs !== undefined || this.#now() - part.saidAt < sayEveryMs) continue;
      part.saidAt = this.#now();
      this.#say(`${name}: ${withoutTime(part.doing)} ${elapsed(this.#now() - part.beganAt)}`);
    }
  }

  steps(): Step[] {
    return [...this.#parts].map(([name, { doing, tookMs, beganAt }]) => ({
      name,
      doing,
      tookMs: tookMs ?? this.#now() - beganAt,
      isReady: tookMs !== undefined,
    }));
  }
}
