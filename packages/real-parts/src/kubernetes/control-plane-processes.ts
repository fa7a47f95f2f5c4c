import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PartsEnvironment } from "../environment.ts";
import type { ControlPlaneBinaries } from "../go/control-plane-binaries.ts";
import { sendRequest } from "../http/request.ts";
import { freePort } from "../process/free-port.ts";
import { lastLines } from "../process/log-tail.ts";
import { type RunningProcess, startProcess, untilReady } from "../process/start-process.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { apiServerArgs, controllerManagerArgs, ETCD_SOCKET, etcdArgs, FILES, schedulerArgs } from "./flags.ts";

/** What all processes of one world share. */
export interface World {
  readonly dir: string;
  readonly binaries: ControlPlaneBinaries;
  readonly environment: PartsEnvironment;
  readonly signal: AbortSignal | undefined;
  /** Told each process that runs, so that it is stopped. */
  readonly keep: (running: RunningProcess) => void;
}

/** An API server that keeps its address over restarts. */
export interface ApiServer {
  readonly url: string;
  running(): RunningProcess;
  restart(): Promise<void>;
}

const PORT_TRIES = 5;

interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly isReady?: () => Promise<boolean> | boolean;
}

async function start(world: World, program: Program): Promise<RunningProcess> {
  const running = await startProcess({
    ...program,
    cwd: world.dir,
    logFile: join(world.dir, `${program.name}.log`),
    env: world.environment.bare,
    signal: world.signal,
    graceMs: 0, // the world goes with them: nothing has to be put in order
  });
  world.keep(running);
  return running;
}

/** Ready when its socket is there, some 70 ms: waiting is quicker than the API server's first retry. */
export async function startEtcd(world: World): Promise<void> {
  const isReady = () => existsSync(join(world.dir, ETCD_SOCKET));
  await start(world, { name: "etcd", command: world.binaries.etcd, args: etcdArgs(), isReady });
}

/** Ready when it answers anything, which is before it can do anything. */
export async function startApiServer(
  world: World,
  options: { hasControllers: boolean; flags: readonly string[] },
): Promise<ApiServer> {
  const startAt = (port: number) =>
    start(world, {
      name: "kube-apiserver",
      command: world.binaries.kubeApiserver,
      args: [...apiServerArgs(port, options), ...options.flags],
      isReady: () => isServing(world, port),
    });
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    try {
      let running = await startAt(port);
      const restart = async () => {
        running = await startAt(port);
      };
      return { url: `https://127.0.0.1:${port}`, running: () => running, restart };
    } catch (error) {
      const wasTaken = lastLines(join(world.dir, "kube-apiserver.log")).some((line) =>
        line.includes("address already in use"),
      );
      if (!wasTaken || tries === PORT_TRIES) throw error;
    }
  }
}

async function isServing(world: World, port: number): Promise<boolean> {
  const ca = readFileSync(join(world.dir, FILES.ca), "utf8");
  await sendRequest({ url: `https://127.0.0.1:${port}/livez/ping`, ca, timeoutMs: 5_000 });
  return true;
}

/** Scheduler and controller manager, side by side; they wait for the API server by themselves. */
export async function startControllers(
  world: World,
  options: { kubeconfig: string; flags: readonly string[] },
): Promise<void> {
  await Promise.all([
    start(world, {
      name: "kube-scheduler",
      command: world.binaries.kubeScheduler,
      args: schedulerArgs(options.kubeconfig),
    }),
    start(world, {
      name: "kube-controller-manager",
      command: world.binaries.kubeControllerManager,
      args: [...controllerManagerArgs(options.kubeconfig), ...options.flags],
    }),
  ]);
}

/** Waits until a pod can be created in the namespace `default`; where controllers run, its service account is their first work. */
export async function untilApiServerReady(
  running: RunningProcess,
  options: { client: ClusterClient; hasControllers: boolean; signal: AbortSignal | undefined },
): Promise<void> {
  const first = "/api/v1/namespaces/default";
  const paths = ["/readyz", options.hasControllers ? `${first}/serviceaccounts/default` : first];
  const isReady = async () => {
    for (const path of paths) if ((await options.client.call(path, { timeoutMs: 5_000 })).status !== 200) return false;
    return true;
  };
  await untilReady(running, { isReady, signal: options.signal });
}
