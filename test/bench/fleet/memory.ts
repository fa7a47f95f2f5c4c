import { readFile } from "node:fs/promises";

/** What the kernel says of one process's memory, in megabytes of 10^6 bytes. */
export interface Memory {
  /** All of its pages in memory, its program's included. */
  readonly rss: number;
  /** Those that are its own: heap, buffers, compiled code. */
  readonly own: number;
  /** The most that `rss` ever was. */
  readonly peak: number;
}

/** Reads a process's memory now. Rejects where there is no such process. */
export async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/status`, "utf8");
  const megabytes = (field: string): number =>
    (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? Number.NaN) * 1024) / 1e6;
  return { rss: megabytes("VmRSS"), own: megabytes("RssAnon"), peak: megabytes("VmHWM") };
}

/** Seconds of processor time that a process has used, of all its threads. */
export async function processorSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name may hold blanks; what follows its bracket does not. Linux counts in hundredths of a second.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The one process that a process has started. Rejects where there is none. */
export async function childOf(pid: number): Promise<number> {
  const [child = ""] = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ");
  if (child === "") throw new Error(`process ${pid} has no child`);
  return Number(child);
}

const sampleMs = 2_000;

/** Reads a process's memory every two seconds until it is stopped. */
export class MemoryWatch {
  readonly #samples: { readonly at: number; readonly rss: number }[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    const sample = () =>
      memoryOf(pid).then(
        ({ rss }) => void this.#samples.push({ rss, at: performance.now() }),
        () => this.stop(), // it has ended: whoever waits for its work tells
      );
    this.#timer = setInterval(() => void sample(), sampleMs);
  }

  /** The median of what was resident in the last so many milliseconds. */
  median(ms: number): number {
    const since = performance.now() - ms;
    const recent = this.#samples.filter(({ at }) => at > since).map(({ rss }) => rss);
    const middle = recent.sort((a, b) => a - b)[Math.floor(recent.length / 2)];
    if (middle === undefined) throw new Error("no sample of the memory was taken in that time");
    return middle;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
