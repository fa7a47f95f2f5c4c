import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServiceName } from "@kubestack/contracts";
import { partsEnvironment, type RunningProcess, startProcess } from "@kubestack/real-parts";
import type { Takeover } from "./history.ts";
import { environmentOf, offsetIn, type Skew } from "./skewed-clock.ts";

const clockProgram = fileURLToPath(new URL("skewed-clock.ts", import.meta.url));
const daemonProgram = fileURLToPath(new URL("../../packages/daemon/src/main.ts", import.meta.url));

/** KubeStack's processes, by name: one service each, and a second one of those that stand in for each other. */
export const processes: Readonly<Record<string, ServiceName>> = {
  "demand-collector-1": "demand-collector",
  "demand-collector-2": "demand-collector",
  "completion-collector-1": "completion-collector",
  "slave-supervisor-1": "slave-supervisor",
  "slave-supervisor-2": "slave-supervisor",
};
export const processNames = Object.keys(processes);

/** Whoever runs services starts one again that ended by itself, after this time, in milliseconds. */
const startAgainMs = 1_000;

/** KubeStack's services as processes of their own, each with a configuration of its own. */
export class Services {
  readonly #folder: string;
  readonly #running = new Map<string, RunningProcess>();
  readonly #configs = new Map<string, string>();
  /** Killed by a fault, and not to be started before its end. */
  readonly #down = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Processes that ended by themselves, such as one that started while NATS was away. */
  readonly endedByThemselves: { readonly at: number; readonly process: string }[] = [];

  /** Logs and configurations are written into `folder`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts a process with this configuration. */
  async add(name: string, configuration: object): Promise<void> {
    await rm(this.#logFile(name), { force: true }); // what an earlier run said there is not of this one
    const file = join(this.#folder, `${name}.yaml`);
    await writeFile(file, JSON.stringify(configuration), { mode: 0o600 });
    this.#configs.set(name, file);
    await this.start(name);
  }

  /** Starts it (again), with this clock; one that runs is left. */
  async start(name: string, clock: Skew = { byMs: 0, afterMs: 0 }): Promise<void> {
    this.#down.delete(name);
    const service = processes[name];
    const config = this.#configs.get(name);
    if (service === undefined || config === undefined) throw new RangeError(`${name} is no process of this world.`);
    if (this.#running.get(name)?.isRunning() === true) return;
    const running = await startProcess({
      name,
      command: process.execPath,
      args: ["--import", clockProgram, daemonProgram, "--config", config, service],
      logFile: this.#logFile(name),
      env: { ...partsEnvironment().bare, ...environmentOf(clock) },
      graceMs: 3_000,
    });
    this.#running.set(name, running);
    void running.ended.then(() => this.#hasEnded(name));
  }

  #hasEnded(name: string): void {
    if (this.#down.has(name)) return;
    this.endedByThemselves.push({ at: Date.now(), process: name });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.start(name);
    }, startAgainMs);
    this.#timers.add(timer);
  }

  send(name: string, signal: NodeJS.Signals): void {
    this.#running.get(name)?.send(signal);
  }

  /** Kills it; it stays away until it is started. */
  async kill(name: string): Promise<void> {
    this.#down.add(name);
    this.send(name, "SIGKILL");
    await this.#running.get(name)?.ended;
  }

  /** Every time that a supervisor said that it took a master over. */
  async takeovers(): Promise<Takeover[]> {
    const all = await Promise.all(
      processNames
        .filter((name) => processes[name] === "slave-supervisor")
        .map(async (name) => takeoversIn(await this.log(name), name)),
    );
    return all.flat().sort((a, b) => a.at - b.at);
  }

  /** A process's log, line by line, of all its lives. */
  async log(name: string): Promise<string[]> {
    const text = await readFile(this.#logFile(name), "utf8").catch(() => "");
    return text.split("\n").filter((line) => line !== "");
  }

  async stop(): Promise<void> {
    for (const name of this.#running.keys()) this.#down.add(name);
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#running.values()].map((running) => running.stop()));
  }

  #logFile(name: string): string {
    return join(this.#folder, `${name}.log`);
  }
}

/** Times in a log are by the clock that the process had then. */
function takeoversIn(log: readonly string[], process: string): Takeover[] {
  let offset = 0;
  return log.flatMap((line) => {
    offset = offsetIn(line) ?? offset;
    if (!line.includes("took the master over")) return [];
    const { time, master } = JSON.parse(line) as { time: string; master: string };
    return [{ at: Date.parse(time) - offset, master, process }];
  });
}
