import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KubestackError } from "@kubestack/contracts";

export interface ServerOptions {
  /** The nats-server program. */
  readonly binary: string;
  /** Streams are kept below it; it is made where it is missing. */
  readonly storeDir: string;
  /** Default: a free port on loopback. */
  readonly port?: number;
  /** How long it may take to be ready, in milliseconds; default 15 s. */
  readonly readyMs?: number;
}

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  /** The server's own process, not that of the shell beside it. */
  readonly pid: number;
  /** Resolves with a sentence when the process ends without being asked to. */
  readonly died: Promise<string>;
  /** Ends the process, by force after 5 seconds. */
  stop(): Promise<void>;
}

/** Every acknowledged message is on disk, and a dead peer is noticed within half a minute. */
function settings(options: ServerOptions): string {
  return [
    "host: 127.0.0.1",
    `port: ${options.port ?? -1}`,
    "server_name: kubestack",
    `ports_file_dir: ${JSON.stringify(options.storeDir)}`,
    "ping_interval: 10s",
    "max_payload: 1MB",
    `jetstream { store_dir: ${JSON.stringify(join(options.storeDir, "jetstream"))}, sync_interval: always, max_memory_store: 64MB, max_file_store: 8GB }`,
    "",
  ].join("\n");
}

/**
 * Runs the server beside a reader of standard input: when this process ends, however it ends, the pipe closes and the
 * server is told to end too. An orphan would go on writing to a store that the next start opens again.
 */
const tethered = [
  'exec 3<&0; "$0" "$@" </dev/null 3<&- & server=$!',
  "trap 'kill -TERM $server' TERM",
  "(cat <&3 >/dev/null 2>&1; kill -TERM $server 2>/dev/null) & tether=$!",
  "exec 3<&-; wait $server; code=$?; [ $code -gt 128 ] && wait $server; kill $tether 2>/dev/null; exit $code",
].join("\n");

/** Starts a nats-server on loopback that lives no longer than this process. */
export async function startNatsServer(options: ServerOptions): Promise<NatsServer> {
  await mkdir(options.storeDir, { recursive: true, mode: 0o700 });
  const file = join(options.storeDir, "nats-server.conf");
  await writeFile(file, settings(options), { mode: 0o600 });
  await removePortsFiles(options.storeDir);
  // Its own process group: Ctrl-C in a terminal must reach this process only, which then stops the server last.
  const child = spawn("sh", ["-c", tethered, options.binary, "-c", file], {
    stdio: ["pipe", "ignore", "pipe"],
    detached: true,
  });
  const said = lastLines(child);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`nats-server (${options.binary}) could not be started: ${error.message}`));
    child.once("exit", (code, signal) =>
      resolve(`nats-server ended with ${signal ?? `code ${code}`}; it said: ${said()}`),
    );
  });
  let asked = false;
  const stop = async (): Promise<void> => {
    asked = true;
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await Promise.race([ended, delay(5000, undefined, { ref: false })]);
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      process.kill(-child.pid, "SIGKILL");
      await ended;
    }
    await removePortsFiles(options.storeDir);
  };
  try {
    const { port, pid } = await ready(options, ended);
    const died = ended.then((sentence) => (asked ? new Promise<string>(() => undefined) : sentence));
    return { url: `nats://127.0.0.1:${port}`, port, pid, died, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const portsFile = /^nats-server_(\d+)\.ports$/;

async function removePortsFiles(storeDir: string): Promise<void> {
  const files = (await readdir(storeDir)).filter((name) => portsFile.test(name));
  await Promise.all(files.map((name) => rm(join(storeDir, name), { force: true })));
}

/** A server that listens: where, and the process that it is itself, not the shell beside it. */
interface Listening {
  readonly port: number;
  readonly pid: number;
}

async function ready(options: ServerOptions, ended: Promise<string>): Promise<Listening> {
  const readyMs = options.readyMs ?? 15_000;
  let sentence: string | undefined;
  void ended.then((text) => {
    sentence = text;
  });
  for (let waited = 0; waited < readyMs; waited += 10) {
    if (sentence !== undefined) throw new KubestackError("bus-unavailable", sentence);
    const listening = await written(options.storeDir);
    if (listening !== undefined) return listening;
    await delay(10);
  }
  throw new KubestackError("bus-unavailable", `nats-server was not ready within ${readyMs / 1000} s.`);
}

/** The server writes its port to a file once it listens, which also tells that it is ready. */
async function written(storeDir: string): Promise<Listening | undefined> {
  try {
    const file = (await readdir(storeDir)).find((name) => portsFile.test(name));
    if (file === undefined) return undefined;
    const { nats } = JSON.parse(await readFile(join(storeDir, file), "utf8")) as { nats?: string[] };
    const port = Number(new URL(nats?.[0] ?? "").port);
    return port > 0 ? { port, pid: Number(portsFile.exec(file)?.[1]) } : undefined;
  } catch {
    return undefined;
  }
}

function lastLines(child: ChildProcess): () => string {
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-2000);
  });
  return () => tail.trim().split("\n").slice(-3).join(" / ");
}
