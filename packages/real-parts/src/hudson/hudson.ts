import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import { sendRequest } from "../http/request.ts";
import { jdk } from "../java/java.ts";
import { type PartOptions, partContext } from "../part-options.ts";
import { freePort } from "../process/free-port.ts";
import { lastLines } from "../process/log-tail.ts";
import { type RunningProcess, startProcess } from "../process/start-process.ts";
import { temporaryFolder } from "../process/temporary-folder.ts";
import { basicAuthorization, type HudsonAdmin, hudsonAdmin } from "./admin.ts";
import { writeHudsonHome } from "./home.ts";
import { hudsonLauncher, OPEN_FLAGS } from "./launcher.ts";
import { hudsonWar } from "./war.ts";

export interface HudsonOptions extends PartOptions {
  /** Folder of the world; it must exist and stays. Default: a temporary one that goes with `stop`. */
  readonly dir?: string | undefined;
  /** The one user, an administrator. Default `kubestack`. */
  readonly user?: string | undefined;
  /** Largest heap in MB. Default 384. */
  readonly heapMb?: number | undefined;
}

/** A real, empty Hudson that only one user may use. */
export interface Hudson {
  /** With a slash at its end. */
  readonly url: string;
  readonly user: string;
  /** Random for each world. */
  readonly password: string;
  /** Holds the password and nothing else (mode 0600), for programs that take it from a file. */
  readonly passwordFile: string;
  readonly dir: string;
  /** Makes jobs, starts builds and reads what came of them, as that user. */
  readonly admin: HudsonAdmin;
  /** The server's process now. */
  process(): RunningProcess;
  /** Ends the server as an administrator would (its queue is saved); `process().send("SIGKILL")` is a crash. */
  stopServer(): Promise<void>;
  /** Starts it again at the same address with all it had saved. */
  startServer(): Promise<void>;
  /** Ends everything and removes the folder if it was a temporary one; may be called twice. */
  stop(): Promise<void>;
}

const PORT_TRIES = 5;
/** Nobody outside is spoken to: no update centre, no statistics, no announcements in the network. */
const QUIET_FLAGS = [
  "-Dhudson.model.UpdateCenter.never=true",
  "-Dhudson.model.DownloadService.never=true",
  "-Dhudson.model.UsageStatistics.disabled=true",
  "-Dhudson.udp=0", // a port that nobody asks
];

interface Server {
  readonly dir: string;
  readonly port: number;
  readonly authorization: string;
  readonly command: string;
  readonly classPath: string;
  /** A log for each start, so that one start's faults are not read as the next one's. */
  readonly nextLog: () => string;
}

/**
 * Starts Hudson 3.3.2 on loopback and waits until its API answers the user: two to fifteen seconds. Raises `missing-part`; nothing is
 * left running then.
 */
export async function startHudson(options: HudsonOptions = {}): Promise<Hudson> {
  const context = partContext(options);
  const kit = await jdk(options);
  const classPath = `${await hudsonLauncher(kit, context)}:${await hudsonWar(options)}`;
  const temporary = options.dir === undefined ? await temporaryFolder("master") : undefined;
  const dir = options.dir ?? temporary?.path ?? "";
  const user = options.user ?? "kubestack";
  const password = randomBytes(18).toString("hex");
  const passwordFile = join(dir, "password");
  let starts = 0;
  const nextLog = () => join(dir, `hudson-${++starts}.log`);
  const base = { dir, authorization: basicAuthorization(user, password), command: kit.java, classPath, nextLog };
  try {
    await mkdir(join(dir, "tmp"), { recursive: true });
    await writeFile(passwordFile, password, { mode: 0o600 });
    for (let tries = 1; ; tries += 1) {
      const server: Server = { ...base, port: await freePort() };
      const url = `http://127.0.0.1:${server.port}/`;
      await writeHudsonHome(join(dir, "home"), { user, password, url });
      let running = await startServer(server, options);
      if (running === undefined && tries < PORT_TRIES) continue;
      if (running === undefined)
        throw new Error(`${PORT_TRIES} free ports were taken by others before Hudson could use them`);
      const current = () => running as RunningProcess;
      return {
        url,
        user,
        password,
        passwordFile,
        dir,
        admin: hudsonAdmin({ url, user, password }),
        process: current,
        stopServer: () => current().stop(),
        async startServer() {
          const again = await startServer(server, options);
          if (again === undefined) throw portLost(url);
          running = again;
        },
        async stop() {
          current().send("SIGKILL"); // its world goes with it: nothing has to be saved
          await current().stop();
          await temporary?.remove();
        },
      };
    }
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
}

/** Undefined if another program had taken the port. */
async function startServer(server: Server, options: HudsonOptions): Promise<RunningProcess | undefined> {
  const logFile = server.nextLog();
  const hasLogged = (text: string) => lastLines(logFile, 60).some((line) => line.includes(text));
  try {
    return await startProcess({
      name: "hudson",
      command: server.command,
      args: javaArguments(server, options.heapMb ?? 384),
      cwd: server.dir,
      env: partContext(options).environment.bare,
      logFile,
      isReady: () => isAnswering(server),
      isHopeless: () => hasLogged("Address already in use") || hasLogged("Failed to initialize Hudson"),
      readyTimeoutMs: 180_000,
      graceMs: 10_000,
      signal: options.signal,
    });
  } catch (error) {
    if (hasLogged("Address already in use")) return undefined;
    throw error;
  }
}

function portLost(url: string): KubestackError {
  return new KubestackError(
    "missing-part",
    `Hudson could not listen at ${url}: another program has taken the port; try again`,
  );
}

function javaArguments(server: Server, heapMb: number): string[] {
  return [
    `-Xmx${heapMb}m`,
    "-XX:TieredStopAtLevel=1", // a server that lives for minutes: quick to start beats quick at last
    "-XX:+UseSerialGC",
    "-Djava.awt.headless=true",
    `-Djava.io.tmpdir=${join(server.dir, "tmp")}`,
    `-DHUDSON_HOME=${join(server.dir, "home")}`,
    ...QUIET_FLAGS,
    ...OPEN_FLAGS,
    "-cp",
    server.classPath,
    "Launcher",
    `--httpPort=${server.port}`,
    "--httpListenAddress=127.0.0.1",
    "--skipInitSetup",
  ];
}

/** While it loads it answers 503. */
async function isAnswering(server: Server): Promise<boolean> {
  const answer = await sendRequest({
    url: `http://127.0.0.1:${server.port}/api/json`,
    headers: { authorization: server.authorization },
    timeoutMs: 10_000,
  });
  return answer.status === 200 && answer.body.startsWith("{");
}
