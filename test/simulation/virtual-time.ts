import { AsyncLocalStorage } from "node:async_hooks";
import type { Timing } from "@kubestack/runtime";

const nextTurn = globalThis.setImmediate;
/** When a simulation begins, in milliseconds since the epoch. */
const epochMs = Date.UTC(2026, 0, 1);

/** A process of the simulation: all that runs in it, and all that it waits for, ends or stands still with it. */
export class Process {
  readonly name: string;
  state: "runs" | "stopped" | "dead" = "runs";
  /** What fell due while it was stopped. */
  readonly missed: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }
}

interface Appointment {
  readonly at: number;
  readonly order: number;
  readonly process: Process | undefined;
  run: (() => void) | undefined;
}

/** A timer as programs see it. */
class Timer {
  readonly #time: VirtualTime;
  readonly #ms: number;
  readonly #run: () => void;
  readonly #repeats: boolean;
  #next: Appointment;

  constructor(time: VirtualTime, of: { ms: number; run: () => void; repeats: boolean }) {
    this.#time = time;
    this.#ms = Math.max(1, of.ms || 0);
    this.#run = of.run;
    this.#repeats = of.repeats;
    this.#next = this.#plan();
  }

  #plan(): Appointment {
    return this.#time.in(this.#ms, () => {
      if (this.#repeats) this.#next = this.#plan();
      this.#run();
    });
  }

  clear(): void {
    this.#next.run = undefined;
  }

  refresh(): this {
    this.clear();
    this.#next = this.#plan();
    return this;
  }

  ref = (): this => this;
  unref = (): this => this;
  hasRef = (): boolean => true;
}

/**
 * A world's time: nothing passes but from one appointment to the next, so that an hour takes seconds and a seed always tells
 * the same story. Timers and waiting belong to the process that asked for them: a stopped process gets them when it goes on,
 * a dead one never.
 */
export class VirtualTime {
  now = 0;
  /** Told of each request that a process is about to send, and again once it is on its way: the process may end there. */
  onRequest: ((process: Process, what: string, when: "before" | "sent") => void) | undefined;
  readonly #processes = new AsyncLocalStorage<Process>();
  readonly #heap: Appointment[] = [];
  #order = 0;
  #random: number;

  constructor(seed: number) {
    this.#random = (seed * 2_654_435_761 + 1) | 0;
  }

  /** Milliseconds since the epoch. */
  get wallClock(): number {
    return epochMs + this.now;
  }

  /** Calls `run` after `ms`, in the process that asks, or in none. */
  in(ms: number, run: () => void, process: Process | undefined = this.#processes.getStore()): Appointment {
    this.#order += 1;
    const appointment = { at: this.now + Math.max(0, ms), order: this.#order, process, run };
    push(this.#heap, appointment);
    return appointment;
  }

  /** Resolves after `ms`, for the process that waits. */
  passed(ms: number): Promise<void> {
    return new Promise((resolve) => void this.in(ms, resolve));
  }

  /** Resolves after `ms`, whatever becomes of the process that asks: what is on its way arrives. */
  arrived(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#order += 1;
      push(this.#heap, { at: this.now + Math.max(0, ms), order: this.#order, process: undefined, run: resolve });
    });
  }

  /** On its way from the process that asks: it arrives, whatever becomes of that process meanwhile. */
  async sent(what: string, ms: number): Promise<void> {
    const { process } = this;
    if (process !== undefined && this.onRequest !== undefined) {
      this.onRequest(process, what, "before");
      // Who ends here sends nothing; who stands still sends it when it goes on.
      if (process.state !== "runs") await this.passed(0);
      this.onRequest?.(process, what, "sent");
    }
    await this.arrived(ms);
  }

  /** Runs something as a process. */
  as<T>(process: Process, work: () => T): T {
    return this.#processes.run(process, work);
  }

  /** Runs something that belongs to no process. */
  apart<T>(work: () => T): T {
    return this.#processes.exit(work);
  }

  /** The process that runs now. */
  get process(): Process | undefined {
    return this.#processes.getStore();
  }

  kill(process: Process): void {
    process.state = "dead";
    process.missed.length = 0;
  }

  stop(process: Process): void {
    if (process.state === "runs") process.state = "stopped";
  }

  goOn(process: Process): void {
    if (process.state !== "stopped") return;
    process.state = "runs";
    for (const run of process.missed.splice(0)) this.in(0, run, process);
  }

  /** Lets time pass until `isOver`, and no longer than `mostMs`. Answers whether it was over. */
  async run(mostMs: number, isOver: () => boolean = () => false): Promise<boolean> {
    const end = this.now + mostMs;
    await settled();
    for (;;) {
      if (isOver()) return true;
      const [next] = this.#heap;
      if (next === undefined || next.at > end) break;
      pop(this.#heap);
      if (next.run === undefined) continue;
      this.now = Math.max(this.now, next.at);
      this.#keep(next, next.run);
      await settled();
    }
    this.now = end;
    return isOver();
  }

  #keep({ process }: Appointment, run: () => void): void {
    if (process === undefined) this.#processes.exit(run);
    else if (process.state === "runs") this.#processes.run(process, run);
    else if (process.state === "stopped") process.missed.push(run);
  }

  /** From 0 up to 1. */
  readonly random = (): number => {
    this.#random = (Math.imul(this.#random ^ (this.#random >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    const mixed = Math.imul(this.#random ^ (this.#random >>> 12), 0x297a2d39);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };

  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  chance(of: number): boolean {
    return this.random() < of;
  }

  readonly timing: Timing = {
    monotonic: () => this.now,
    random: this.random,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve();
          return;
        }
        const done = (): void => {
          appointment.run = undefined;
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const appointment = this.in(ms, done);
        signal?.addEventListener("abort", done, { once: true });
      }),
  };

  /** Puts this time in the place of the realm's timers; the answer puts them back. */
  install(): () => void {
    const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
    const timer =
      (repeats: boolean) =>
      (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]): Timer =>
        new Timer(this, { ms, repeats, run: () => run(...given) });
    const clear = (timer: unknown): void => {
      if (timer instanceof Timer) timer.clear();
    };
    Object.assign(globalThis, {
      setTimeout: timer(false),
      setInterval: timer(true),
      clearTimeout: clear,
      clearInterval: clear,
    });
    return () => Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval });
  }
}

/** Lets everything that waits for nothing but itself go on: one turn of the event loop runs all of it. */
function settled(): Promise<void> {
  return new Promise((resolve) => void nextTurn(resolve));
}

function isSooner(a: Appointment, b: Appointment): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Appointment[], appointment: Appointment): void {
  let at = heap.push(appointment) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isSooner(appointment, heap[above] as Appointment)) break;
    heap[at] = heap[above] as Appointment;
    at = above;
  }
  heap[at] = appointment;
}

function pop(heap: Appointment[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isSooner(heap[below + 1] as Appointment, heap[below] as Appointment)) below += 1;
    if (!isSooner(heap[below] as Appointment, last)) break;
    heap[at] = heap[below] as Appointment;
    at = below;
  }
  heap[at] = last;
}
