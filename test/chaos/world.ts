import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bus, connectBus } from "@kubestack/bus";
import { type Cluster, connectCluster } from "@kubestack/kubernetes";
import {
  type ControlPlane,
  type Kwok,
  type NatsServer,
  startControlPlane,
  startKwok,
  startNatsServer,
  startTcpProxy,
  type TcpProxy,
  type TemporaryFolder,
  temporaryFolder,
} from "@kubestack/real-parts";
import { agentsNamespace, applyManifests, rightsFile } from "@kubestack/sandbox";
import { Agents } from "./agents.ts";
import { type ApiProxy, type PodCreated, startApiProxy } from "./api-proxy.ts";
import { Machines, machineNames } from "./machines.ts";
import { type ChaosMaster, labels, startMaster } from "./masters.ts";
import { type PodWatch, startPodWatch } from "./pod-watch.ts";
import { processNames, Services } from "./services.ts";

export const masterNames = ["alpha", "beta", "gamma"] as const;
/** Low enough to be reached now and then. */
const cap = 6;
const intervalMs = 1_000;

export interface WorldOptions {
  readonly seed: number;
  /** See `ApiProxyOptions`. */
  readonly forgetsNames: boolean;
  /** Where logs go that are to be read afterwards. Default: a temporary folder, removed at the end. */
  readonly logs?: string | undefined;
}

/** Everything real but the masters and what runs in the pods: those are in this process, so that all of it can be seen. */
export class World {
  readonly masters = new Map<string, ChaosMaster>();
  /** Each process's way to NATS, and its way to the API server. */
  readonly natsWays = new Map<string, TcpProxy>();
  readonly apiWays = new Map<string, ApiProxy>();
  readonly podsCreated: PodCreated[] = [];
  plane!: ControlPlane;
  nats!: NatsServer;
  bus!: Bus;
  watch!: PodWatch;
  services!: Services;
  machines!: Machines;
  #kwok!: Kwok;
  #folder!: TemporaryFolder;
  readonly #ends: (() => unknown)[] = [];

  private constructor() {}

  /** Starts everything; the services supervise every master when it resolves. */
  static async start(options: WorldOptions): Promise<World> {
    const world = new World();
    try {
      await world.#start(options);
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async #start(options: WorldOptions): Promise<void> {
    this.#folder = await temporaryFolder("chaos");
    this.#ends.push(() => this.#folder.remove());
    const folder = this.#folder.path;
    const logs = options.logs ?? folder;
    await mkdir(logs, { recursive: true });
    await Promise.all([this.#startNats(), this.#startCluster(), this.#startMasters(options.seed)]);
    const caps = new Map(masterNames.map((name) => [name as string, cap]));
    const eyes = connectAsAdmin(this.plane);
    this.#ends.push(() => eyes.close());
    this.watch = await startPodWatch({ cluster: eyes, namespace: agentsNamespace, caps });
    this.#ends.push(() => this.watch.stop());
    this.machines = new Machines({ plane: this.plane, kwok: this.#kwok, watch: this.watch });
    const agents = new Agents({ watch: this.watch, masters: this.masters, machines: this.machines });
    this.#ends.push(() => agents.stop());
    await this.#startServices(logs, options);
  }

  async #startNats(): Promise<void> {
    this.nats = await startNatsServer();
    this.#ends.push(() => this.nats.stop());
    this.bus = await connectBus({ servers: [this.nats.url], name: "chaos" });
    this.#ends.push(() => this.bus.close());
    const port = Number(new URL(this.nats.url).port);
    for (const name of processNames) {
      const way = await startTcpProxy(port);
      this.natsWays.set(name, way);
      this.#ends.push(() => way.close());
    }
  }

  async #startCluster(): Promise<void> {
    this.plane = await startControlPlane();
    this.#ends.push(() => this.plane.stop());
    await applyManifests(this.plane, rightsFile);
    const nodes = machineNames.map((name) => ({ name }));
    this.#kwok = await startKwok({ controlPlane: this.plane, nodes, startMs: 300, stopMs: 100 });
    this.#ends.push(() => this.#kwok.stop());
  }

  async #startMasters(seed: number): Promise<void> {
    for (const [at, name] of masterNames.entries()) {
      const master = await startMaster(name, { seed: seed + at, folder: this.#folder.path });
      this.masters.set(name, master);
      this.#ends.push(() => master.jenkins.stop());
    }
  }

  async #startServices(logs: string, { forgetsNames }: WorldOptions): Promise<void> {
    const token = await this.plane.serviceAccountToken({ namespace: "kubestack", name: "slave-supervisor" });
    const tokenFile = join(this.#folder.path, "cluster.token");
    await writeFile(tokenFile, token, { mode: 0o600 });
    this.services = new Services(logs);
    this.#ends.push(() => this.services.stop());
    for (const name of processNames) {
      const way = await startApiProxy({
        target: { url: this.plane.url, ca: this.plane.ca },
        forgetsNames,
        onPodCreated: (created) => {
          this.podsCreated.push(created);
          this.watch.note(created);
        },
      });
      this.apiWays.set(name, way);
      this.#ends.push(() => way.close());
      await this.services.add(name, this.#configurationOf(name, way, tokenFile));
    }
  }

  #configurationOf(name: string, way: ApiProxy, tokenFile: string): object {
    return {
      install: "chaos",
      nats: { servers: [`nats://127.0.0.1:${this.natsWays.get(name)?.port}`] },
      kubernetes: { namespace: agentsNamespace, url: way.url, token: `file:${tokenFile}` },
      masters: [...this.masters.values()].map(({ name: master, jenkins, tokenFile: masterToken }) => ({
        name: master,
        url: jenkins.url,
        agentUrl: jenkins.url,
        user: jenkins.user,
        token: `file:${masterToken}`,
        maxSlaves: cap,
        demand: [{ type: "jenkins-queue", interval: `${intervalMs}ms` }],
      })),
      templates: labels.map((label) => ({
        name: label,
        labels: [label],
        image: "agent",
        cpu: "50m",
        memory: "128Mi",
        disk: "100Mi",
      })),
    };
  }

  /** Ends everything, what was started last first. May be called twice. */
  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

/** Past the services' own ways, with limits of its own. */
function connectAsAdmin({ url, adminToken, ca }: ControlPlane): Cluster {
  return connectCluster({ kind: "url", url, token: () => adminToken, caPem: ca, qps: 1000, burst: 1000 });
}
