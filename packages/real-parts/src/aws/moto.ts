import { request } from "node:http";
import { join } from "node:path";
import { type PartOptions, partContext } from "../part-options.ts";
import { freePort } from "../process/free-port.ts";
import { type RunningProcess, startProcess } from "../process/start-process.ts";
import { temporaryFolder } from "../process/temporary-folder.ts";
import { motoPython } from "./moto-binary.ts";

/** A server of AWS's APIs, with everything in memory. Any credentials do. */
export interface Moto {
  /** `http://127.0.0.1:<port>`: the endpoint of every API. */
  readonly url: string;
  readonly port: number;
  readonly process: RunningProcess;
  /** Ends everything and removes its folder; may be called twice. */
  stop(): Promise<void>;
}

/** Starts moto on loopback, at a port that was free, and waits until it answers. Raises `missing-part`. */
export async function startMoto(options: PartOptions = {}): Promise<Moto> {
  const context = partContext(options);
  const python = await motoPython(options);
  const folder = await temporaryFolder("moto");
  const port = await freePort();
  try {
    const running = await startProcess({
      name: "moto",
      command: python,
      args: ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
      cwd: folder.path,
      env: { ...context.environment.bare, HOME: folder.path },
      logFile: join(folder.path, "moto.log"),
      isReady: () => answers(port),
      graceMs: 0,
      signal: context.signal,
    });
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      process: running,
      stop: async () => {
        await running.stop();
        await folder.remove();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ host: "127.0.0.1", port, path: "/moto-api/" }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asking.once("error", () => resolve(false)).end();
  });
}
