import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { natsServerBinary } from "../go/nats-server-binary.ts";
import { type PartOptions, partContext } from "../part-options.ts";
import { type RunningProcess, startProcess } from "../process/start-process.ts";
import { temporaryFolder } from "../process/temporary-folder.ts";

/** Folder in which the server writes the port it chose. */
const PORTS = "ports";

export interface NatsServerOptions extends PartOptions {
  /** Folder of the world; it must exist and stays. Default: a temporary one that goes with `stop`. */
  readonly dir?: string | undefined;
  /** Added to the configuration file as it stands, e.g. `authorization { … }`; the file has mode 0600. */
  readonly config?: string | undefined;
}

/** A real nats-server with JetStream. */
export interface NatsServer {
  /** `nats://127.0.0.1:<port>`. */
  readonly url: string;
  readonly dir: string;
  /** The server's process now. */
  process(): RunningProcess;
  /** Ends the server in good order; `process().send("SIGKILL")` is a crash. What was stored stays. */
  stopServer(): Promise<void>;
  /** Starts it again at the same address on the same store. */
  startServer(): Promise<void>;
  /** Ends everything and removes the folder if it was a temporary one; may be called twice. */
  stop(): Promise<void>;
}

/** Starts a nats-server on loopback, at a port that it chooses itself, and waits until it listens. Raises `missing-part`. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const context = partContext(options);
  const command = await natsServerBinary(options);
  const temporary = options.dir === undefined ? await temporaryFolder("nats") : undefined;
  const dir = options.dir ?? temporary?.path ?? "";
  const start = async (port: number): Promise<{ running: RunningProcess; port: number }> => {
    const configFile = join(dir, "nats-server.conf");
    await rm(join(dir, PORTS), { recursive: true, force: true }); // a crash leaves the last one's file
    await mkdir(join(dir, PORTS), { recursive: true });
    await writeFile(configFile, configText({ dir, port, extra: options.config ?? "" }), { mode: 0o600 });
    let chosen = 0;
    const running = await startProcess({
      name: "nats-server",
      command,
      args: ["--config", configFile],
      cwd: dir,
      env: context.environment.bare,
      logFile: join(dir, "nats-server.log"),
      isReady: async () => {
        chosen = await chosenPort(dir);
        return true;
      },
      readyTimeoutMs: 30_000,
      signal: context.signal,
    });
    return { running, port: chosen };
  };
  try {
    let { running, port } = await start(-1);
    return {
      url: `nats://127.0.0.1:${port}`,
      dir,
      process: () => running,
      stopServer: () => running.stop(),
      async startServer() {
        ({ running, port } = await start(port));
      },
      async stop() {
        running.send("SIGKILL");
        await running.stop();
        await temporary?.remove();
      },
    };
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
}

function configText(options: { dir: string; port: number; extra: string }): string {
  return `listen: "127.0.0.1:${options.port}"
ports_file_dir: ${JSON.stringify(join(options.dir, PORTS))}
jetstream { store_dir: ${JSON.stringify(join(options.dir, "store"))} }
${options.extra}
`;
}

/** Rejects as long as the server has not written it. */
async function chosenPort(dir: string): Promise<number> {
  const [name = ""] = await readdir(join(dir, PORTS));
  const ports = JSON.parse(await readFile(join(dir, PORTS, name), "utf8")) as { nats: string[] };
  return Number(new URL(ports.nats[0] ?? "").port);
}
