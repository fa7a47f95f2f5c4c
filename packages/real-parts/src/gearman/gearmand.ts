import { connect } from "node:net";
import { join } from "node:path";
import { type PartContext, type PartOptions, partContext } from "../part-options.ts";
import { freePort } from "../process/free-port.ts";
import { type RunningProcess, startProcess } from "../process/start-process.ts";
import { temporaryFolder } from "../process/temporary-folder.ts";
import { type GearmandBinary, gearmandBinary } from "./gearmand-binary.ts";

/**
 * A real Gearman server, with nothing stored: what waits is lost with its process. It speaks plain TCP alone: Debian's takes
 * `--ssl` without a word and goes on in plain text.
 */
export interface Gearmand {
  /** 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  readonly dir: string;
  /** The server's process now; `process().send("SIGKILL")` is a crash. */
  process(): RunningProcess;
  stopServer(): Promise<void>;
  /** Starts it again at the same address, with an empty queue. */
  startServer(): Promise<void>;
  /** Ends everything and removes its folder; may be called twice. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
/** A port that was free may be taken by somebody else before the server has it. */
const TRIES = 3;

/** Starts a gearmand on loopback, at a port that was free, and waits until it listens. Raises `missing-part`. */
export async function startGearmand(options: PartOptions = {}): Promise<Gearmand> {
  const context = partContext(options);
  const binary = await gearmandBinary(options);
  const folder = await temporaryFolder("gearmand");
  const start = (port: number) => startOn(port, { dir: folder.path, binary, context });
  try {
    let { port, running } = await firstStart(start);
    return {
      host: HOST,
      port,
      dir: folder.path,
      process: () => running,
      stopServer: () => running.stop(),
      async startServer() {
        running = await start(port);
      },
      async stop() {
        running.send("SIGKILL");
        await running.stop();
        await folder.remove();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function firstStart(start: (port: number) => Promise<RunningProcess>) {
  for (let left = TRIES - 1; ; left -= 1) {
    const port = await freePort();
    try {
      return { port, running: await start(port) };
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

interface Place {
  readonly dir: string;
  readonly binary: GearmandBinary;
  readonly context: PartContext;
}

function startOn(port: number, { dir, binary, context }: Place): Promise<RunningProcess> {
  return startProcess({
    name: "gearmand",
    command: binary.command,
    args: [
      `--listen=${HOST}`,
      `--port=${port}`,
      `--pid-file=${join(dir, "gearmand.pid")}`,
      "--log-file=stderr",
      // Not the machine's own file of options.
      "--config-file=/dev/null",
      "--threads=1",
    ],
    cwd: dir,
    env: { ...context.environment.bare, ...binary.env },
    logFile: join(dir, "gearmand.log"),
    isReady: () => takesConnections(port),
    readyTimeoutMs: 30_000,
    signal: context.signal,
  });
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    const answer = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
  });
}
