import type { Bus } from "@kubestack/bus";
import type { Environment } from "@kubestack/runtime";
import type { NatsAddress } from "./address/find-nats.ts";
import type { OutputForm } from "./text/output-form.ts";
import type { Canvas } from "./text/table.ts";

/** Where a command writes to. */
export interface Terminal extends Canvas {
  out(text: string): void;
  /** For people only: notes and errors. */
  err(text: string): void;
  /** What those are drawn for, as one of the two may go into a file. Default: the same. */
  readonly errors?: Canvas;
}

/** The world that the program runs in; tests put their own in its place. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: Environment;
  readonly version: string;
  /** This machine's time in milliseconds. */
  now(): number;
  connect(address: NatsAddress): Promise<Bus>;
  /** From now on Ctrl-C does not end the process, but resolves this. */
  interrupted(): Promise<void>;
}

/** What a verb works with. */
export interface Session {
  readonly bus: Bus;
  readonly terminal: Terminal;
  readonly form: OutputForm;
  now(): number;
}

/** Exit codes of every verb. */
export const exitCodes = { done: 0, failed: 1, wrongUse: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Runs a verb's work in a session and keeps its exit code. */
export type Perform = (work: (session: Session) => Promise<ExitCode>) => Promise<void>;
