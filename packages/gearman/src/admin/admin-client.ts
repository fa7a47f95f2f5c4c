import type { Socket } from "node:net";
import type { GearmanAddress } from "../connection/address.ts";
import { socketFailure, unavailable } from "../connection/failure.ts";
import { openConnection, usualTimeoutMs } from "../connection/open-connection.ts";
import { exchange, type Question, type Skipped, StaleConnection } from "./exchange.ts";
import {
  type FunctionCount,
  readFunctionLine,
  readVersionLine,
  readWorkerLine,
  type WorkerRow,
} from "./reply-lines.ts";

export interface AdminOptions extends GearmanAddress {
  /** From the question to the end of its answer, connecting included. Default 10000. */
  readonly timeoutMs?: number | undefined;
  /** Largest answer that is read, in bytes. Default 64 MiB. */
  readonly mostBytes?: number | undefined;
}

const usualMostBytes = 64 * 1024 * 1024;
/** What an idle connection may tell: whatever it is, the connection is of no further use. */
const telling = ["data", "end", "close"] as const;

/**
 * Asks a Gearman server how it stands, over one connection that is kept. Questions wait for each other. Whatever fails is
 * raised at once, and nothing is tried again later: that is for whoever asked, with a back-off.
 */
export class AdminClient {
  readonly #options: AdminOptions;
  #idle: { readonly socket: Socket; readonly leave: () => void } | undefined;
  #inUse: Socket | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** Opens nothing yet. */
  constructor(options: AdminOptions) {
    this.#options = options;
  }

  /** Tells every function that the server knows, one by one. */
  status(each: (count: FunctionCount) => void): Promise<Skipped> {
    return this.#ask("status", (text) => tell(readFunctionLine(text), each));
  }

  /** Tells every connection of the server, this one too, one by one. */
  workers(each: (row: WorkerRow) => void): Promise<Skipped> {
    return this.#ask("workers", (text) => tell(readWorkerLine(text), each));
  }

  /** The server's version, such as `1.1.20`. Some servers know no such question and never answer it. */
  async version(): Promise<string> {
    let version = "";
    await this.#ask("version", (text) =>
      tell(readVersionLine(text), (read) => {
        version = read;
      }),
    );
    return version;
  }

  /** Closes the connection; a question under way fails. */
  close(): void {
    this.#isClosed = true;
    this.#idle?.leave();
    this.#inUse?.destroy();
  }

  #ask(command: Question["command"], line: Question["line"]): Promise<Skipped> {
    const answer = this.#last.then(() => this.#askNow(command, line));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #askNow(command: Question["command"], line: Question["line"]): Promise<Skipped> {
    const { timeoutMs = usualTimeoutMs, mostBytes = usualMostBytes } = this.#options;
    const question = { command, line, timeoutMs, leftMs: timeoutMs, mostBytes };
    const kept = this.#takeIdle();
    try {
      if (kept !== undefined) return await this.#over(kept, question);
    } catch (error) {
      if (!(error instanceof StaleConnection) || this.#isClosed) throw this.#inWords(error);
    }
    const began = performance.now();
    const socket = await this.#open(timeoutMs);
    try {
      return await this.#over(socket, { ...question, leftMs: Math.max(1, timeoutMs - (performance.now() - began)) });
    } catch (error) {
      throw this.#inWords(error);
    }
  }

  async #open(timeoutMs: number): Promise<Socket> {
    if (this.#isClosed) throw unavailable(this.#options, "is not asked any more: the connection was closed by us");
    const socket = await openConnection(this.#options, timeoutMs);
    // Failures of a connection that is in use are told by its exchange; an idle one only ends.
    socket.on("error", () => undefined);
    if (this.#isClosed) socket.destroy();
    return socket;
  }

  async #over(socket: Socket, question: Question): Promise<Skipped> {
    this.#inUse = socket;
    try {
      const skipped = await exchange(socket, this.#options, question);
      this.#keep(socket);
      return skipped;
    } finally {
      this.#inUse = undefined;
    }
  }

  /** An idle connection keeps no process alive. One that ends, or says what nobody asked, is left. */
  #keep(socket: Socket): void {
    const leave = () => {
      if (this.#idle?.socket === socket) this.#idle = undefined;
      socket.destroy();
    };
    for (const event of telling) socket.on(event, leave);
    socket.unref();
    this.#idle = { socket, leave };
    if (this.#isClosed || socket.destroyed) leave();
  }

  #takeIdle(): Socket | undefined {
    const kept = this.#idle;
    this.#idle = undefined;
    if (kept === undefined) return undefined;
    for (const event of telling) kept.socket.off(event, kept.leave);
    kept.socket.ref();
    return kept.socket;
  }

  #inWords(error: unknown): unknown {
    if (!(error instanceof StaleConnection)) return error;
    return error.cause === undefined
      ? unavailable(this.#options, "ended the connection without an answer; see that it runs")
      : socketFailure(this.#options, error.cause);
  }
}

function tell<T>(read: T | undefined, each: (read: T) => void): boolean {
  if (read === undefined) return false;
  each(read);
  return true;
}
