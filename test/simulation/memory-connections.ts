import type { Process, VirtualTime } from "./virtual-time.ts";

interface Listener {
  readonly process: Process;
  readonly handle: () => void;
}

/** The processes' connections to a NATS in memory, which break and come back. */
export class MemoryConnections {
  readonly #time: VirtualTime;
  readonly #byName = new Map<string, Process>();
  readonly #breaks = new Set<Listener>();
  readonly #returns = new Set<Listener>();
  /** Those that are broken now, each with what resolves when it is there again. */
  readonly #broken = new Map<Process, PromiseWithResolvers<void>>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  add(name: string, process: Process): void {
    this.#byName.set(name, process);
  }

  isBroken(process: Process | undefined): boolean {
    return process !== undefined && this.#broken.has(process);
  }

  onBreak(process: Process, handle: () => void): void {
    this.#breaks.add({ process, handle });
  }

  /** Calls `handle` whenever the process's connection is there again. Returns what ends it. */
  onReturn(process: Process, handle: () => void): () => void {
    const told = { process, handle };
    this.#returns.add(told);
    return () => void this.#returns.delete(told);
  }

  /** The server is started anew: every connection breaks, and is there again within a second. */
  breakAll(): void {
    for (const process of new Set(this.#byName.values())) this.break(process, this.#time.between(50, 1_000));
  }

  /** A process's connection breaks, and is there again after so many milliseconds: what it asks meanwhile arrives then. */
  break(process: Process, forMs: number): void {
    if (this.#broken.has(process)) return;
    const back = Promise.withResolvers<void>();
    this.#broken.set(process, back);
    this.#tell(this.#breaks, process);
    // The server has it again, whatever the process does.
    this.#time.apart(() =>
      this.#time.in(forMs, () => {
        this.#broken.delete(process);
        back.resolve();
        this.#tell(this.#returns, process);
      }),
    );
  }

  /** Waits until a process's connection is there. Who has died meanwhile sends nothing. */
  async whole(process: Process | undefined): Promise<void> {
    const back = process && this.#broken.get(process);
    if (back === undefined) return;
    await back.promise;
    await this.#time.passed(0);
  }

  /** As the server tells: a stopped process is still connected, and says nothing; one without a connection is not there. */
  stateOf(name: string): Process["state"] {
    const process = this.#byName.get(name);
    return process === undefined || this.isBroken(process) ? "dead" : process.state;
  }

  #tell(listeners: ReadonlySet<Listener>, process: Process): void {
    for (const told of listeners) if (told.process === process) this.#time.in(0, told.handle, process);
  }
}
