import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { controlPlaneBinaries } from "../go/control-plane-binaries.ts";
import { type PartOptions, partContext } from "../part-options.ts";
import type { RunningProcess } from "../process/start-process.ts";
import { temporaryFolder } from "../process/temporary-folder.ts";
import { type ClusterClient, clusterClient } from "./cluster-client.ts";
import {
  startApiServer,
  startControllers,
  startEtcd,
  untilApiServerReady,
  type World,
} from "./control-plane-processes.ts";
import { FILES } from "./flags.ts";
import { kubeconfigText } from "./kubeconfig.ts";
import { type ServiceAccountName, serviceAccountToken } from "./service-account-token.ts";
import { newToken, type StaticToken } from "./token-file.ts";
import { writeWorldFiles } from "./world-files.ts";

export interface ControlPlaneOptions extends PartOptions {
  /** Folder of the world; it must exist and stays. Default: a temporary one that goes with `stop`. */
  readonly dir?: string | undefined;
  /** Scheduler and controller manager. Default true. Without them no pod gets a node and nothing is collected. */
  readonly controllers?: boolean | undefined;
  /** Users beside the administrator; they have the rights that RBAC gives them. */
  readonly tokens?: readonly StaticToken[] | undefined;
  /** Added to the API server's flags, e.g. to make it refuse early. */
  readonly apiServerFlags?: readonly string[] | undefined;
  /** Added to the controller manager's flags, e.g. `--node-monitor-grace-period=5s`. */
  readonly controllerManagerFlags?: readonly string[] | undefined;
}

/** A real, empty Kubernetes without nodes. */
export interface ControlPlane extends ClusterClient {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  readonly dir: string;
  /** PEM file with the authority of the server's certificate. */
  readonly caFile: string;
  /** The same as text. */
  readonly ca: string;
  /** Token of a user of the group `system:masters`. */
  readonly adminToken: string;
  /** Kubeconfig file of that user (mode 0600). */
  readonly adminKubeconfig: string;
  /** Writes a kubeconfig file (mode 0600) named after `name` for a token, and gives its path. */
  kubeconfigFor(token: string, name: string): Promise<string>;
  /** A token for a service account, at any time; see `serviceAccountToken`. */
  serviceAccountToken(account: ServiceAccountName): Promise<string>;
  /** Every process of the world by name: `etcd`, `kube-apiserver`, `kube-scheduler`, `kube-controller-manager`. */
  process(name: string): RunningProcess | undefined;
  /** Kills the API server, as a crash would. Watches break; nothing is lost. */
  stopApiServer(): Promise<void>;
  /** Starts it again at the same port and waits until it is ready. */
  startApiServer(): Promise<void>;
  /**
   * Kills scheduler and controller manager and starts them anew: after a break of the API server they come back by
   * themselves, but after so long a back-off (up to half a minute) that a test would see nothing else.
   */
  restartControllers(): Promise<void>;
  /** Ends everything and removes the folder if it was a temporary one; may be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts etcd, an API server, a scheduler and a controller manager, and waits until pods can be created: about four seconds.
 * Raises `missing-part`; nothing is left running then.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const context = partContext(options);
  const binaries = await controlPlaneBinaries(options);
  const temporary = options.dir === undefined ? await temporaryFolder("cluster") : undefined;
  const dir = options.dir ?? temporary?.path ?? "";
  const processes = new Map<string, RunningProcess>();
  const keep = (running: RunningProcess) => processes.set(running.name, running);
  const stop = async () => {
    await Promise.all([...processes.values()].map((running) => running.stop()));
    await temporary?.remove();
  };
  try {
    const adminToken = newToken();
    const partToken = newToken();
    await writeWorldFiles(dir, [
      { token: adminToken, user: "admin", groups: ["system:masters"] },
      { token: partToken, user: "control-plane", groups: ["system:masters"] },
      ...(options.tokens ?? []),
    ]);
    const world: World = { dir, binaries, environment: context.environment, signal: context.signal, keep };
    const hasControllers = options.controllers ?? true;
    await startEtcd(world);
    const server = await startApiServer(world, { hasControllers, flags: options.apiServerFlags ?? [] });
    const ca = await readFile(join(dir, FILES.ca), "utf8");
    const client = clusterClient({ url: server.url, ca, token: adminToken });
    const kubeconfigFor = async (token: string, name: string) => {
      const path = join(dir, `${name}.kubeconfig`);
      const text = kubeconfigText({ server: server.url, caFile: join(dir, FILES.ca), token, name });
      await writeFile(path, text, { mode: 0o600 });
      return path;
    };
    const controllersUp = async () => {
      const kubeconfig = await kubeconfigFor(partToken, "control-plane");
      await startControllers(world, { kubeconfig, flags: options.controllerManagerFlags ?? [] });
    };
    const ready = () => untilApiServerReady(server.running(), { client, hasControllers, signal: context.signal });
    await Promise.all([ready(), hasControllers ? controllersUp() : undefined]);
    return {
      ...client,
      url: server.url,
      dir,
      caFile: join(dir, FILES.ca),
      ca,
      adminToken,
      adminKubeconfig: await kubeconfigFor(adminToken, "admin"),
      kubeconfigFor,
      serviceAccountToken: (account) => serviceAccountToken(client, account),
      process: (name) => processes.get(name),
      stopApiServer: () => server.running().stop(),
      async startApiServer() {
        await server.restart();
        await ready();
      },
      async restartControllers() {
        await Promise.all([processes.get("kube-scheduler")?.stop(), processes.get("kube-controller-manager")?.stop()]);
        if (hasControllers) await controllersUp();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
