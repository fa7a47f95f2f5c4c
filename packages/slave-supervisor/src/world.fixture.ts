import type { Bus, Service } from "@kubestack/bus";
import { channels, commands, type QueueItem, subjects } from "@kubestack/contracts";
import type { Cluster, V1Pod } from "@kubestack/kubernetes";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { serviceName, servicesIn, slaveLabel } from "@kubestack/templates";
import type { AttachMode, AttachTarget } from "./attach/attach-mode.ts";
import { FakeAttach } from "./fake-attach.fixture.ts";
import { FakeCluster, runningStatus } from "./fake-cluster.fixture.ts";
import type { MasterOptions } from "./master-scope.ts";
import { MasterSupervisor } from "./master-supervisor.ts";
import type { StoreView } from "./resync/store-keeper.ts";
import { template } from "./slave-record.fixture.ts";

/** How long a build goes on after its node was marked, in moments of the world: one that nobody saw is not over. */
const buildMoments = 3;

/** A master and a cluster in memory, which go on however many supervisors die. A moment passes with every round. */
export class World {
  readonly name: string;
  readonly cluster = new FakeCluster();
  readonly attach = new FakeAttach();
  /** Items that wait for an executor. */
  queue: { id: string; label: string; since: number }[] = [];
  /** Which item ran on which node. */
  readonly ran: { item: string; node: string }[] = [];
  /** Builds that ended because their pod went. */
  readonly lost: string[] = [];
  /** Services of slaves whose agents started without them. */
  readonly missed: string[] = [];
  /** Whether agents connect and builds go on. */
  isFrozen = false;
  isQuiet = false;
  /** Whether builds go on until this is over, and wait for an agent that is lost, as a pipeline's do. */
  holdsBuilds = false;
  readonly #left = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  wants(id: string, label = "python"): void {
    this.queue.push({ id, label, since: 1000 + this.queue.length });
  }

  get killed(): string[] {
    return [...this.attach.killed, ...this.lost];
  }

  /** Whether nothing is left of any slave. */
  get isEmpty(): boolean {
    const { pods, secrets, services } = this.cluster;
    return [pods, secrets, services, this.attach.nodes].every(({ size }) => size === 0);
  }

  items(): QueueItem[] {
    return this.queue.map(({ id, label, since }) => ({
      id,
      job: `job-${id}`,
      url: `job/${id}/`,
      wants: { kind: "expression", expression: label },
      labelOrigin: "labelExpression",
      waitingSince: since,
      why: "",
    }));
  }

  moment(): void {
    if (this.isFrozen) return;
    for (const [name, pod] of this.cluster.pods)
      if (this.cluster.secrets.has(name) && pod.status?.phase === "Pending") this.#start(name, pod);
    for (const [name, node] of this.attach.nodes) {
      node.online = this.#isRunning(name);
      if (node.build !== null) this.#goOn(name, node.build);
      else if (node.online && !node.marked) this.#assign(name);
    }
  }

  /** Whether one of the slave's pods runs. */
  #isRunning(slave: string): boolean {
    return [...this.cluster.pods.values()].some(
      ({ metadata, status }) => metadata?.labels?.[slaveLabel] === slave && status?.phase === "Running",
    );
  }

  #start(name: string, pod: V1Pod): void {
    const slave = pod.metadata?.labels?.[slaveLabel] ?? name;
    const services = servicesIn(pod.metadata?.annotations ?? {}).map((service) => serviceName(slave, service));
    this.missed.push(...services.filter((service) => !this.cluster.services.has(service)));
    this.cluster.set(name, runningStatus);
  }

  #goOn(name: string, build: string): void {
    const node = this.attach.nodes.get(name);
    if (node === undefined || this.holdsBuilds) return;
    if (!node.online) this.lost.push(build);
    const left = (this.#left.get(name) ?? 0) - (node.marked ? 1 : 0);
    this.#left.set(name, left);
    if (left <= 0 || !node.online) node.build = null;
  }

  #assign(name: string): void {
    const node = this.attach.nodes.get(name);
    const item = this.queue.find(({ label }) => node?.labels.includes(label));
    if (node === undefined || item === undefined) return;
    this.queue = this.queue.filter((other) => other !== item);
    this.ran.push({ item: item.id, node: name });
    this.#left.set(name, buildMoments);
    node.build = `job/${item.id}/1/`;
  }
}

/** Publishes a world's rounds, and begins one whenever somebody asks. Returns what ends it. */
export function collect(
  world: World,
  bus: Bus,
  service: Service,
  intervalMs = 100,
): { stop(): void; round(): Promise<number> } {
  let round = 0;
  const publish = (): Promise<number> => {
    round += 1;
    const readAt = bus.clock.now();
    const computers = world.attach.computers();
    // The master goes on between the two readings.
    world.moment();
    const source = {
      name: "jenkins-queue",
      term: 1,
      round,
      readAt,
      queueReadAt: bus.clock.now(),
      state: "ok" as const,
      session: "s",
      quietingDown: world.isQuiet,
      items: world.items(),
      computers,
    };
    return bus.publish(channels.demand, subjects.demand(world.name), { master: world.name, sources: [source] });
  };
  const timer = setInterval(() => void publish().catch(() => undefined), intervalMs);
  service.answer(commands.freshRound, async () => ({ sequence: await publish(), term: 1, round }), world.name);
  return { stop: () => clearInterval(timer), round: publish };
}

/** A supervisor's lease, as the test gives it. */
export class TestLease {
  held = false;
  #onChange: ((held: boolean, reason: string) => void) | undefined;

  give(): void {
    this.held = true;
    this.#onChange?.(true, "the test gave the lease");
  }

  take(): void {
    this.held = false;
    this.#onChange?.(false, "the test took the lease");
  }

  /** The bus with this lease in the place of its own. */
  over(bus: Bus): Bus {
    return {
      ...bus,
      lease: (_key, more) => {
        this.#onChange = more?.onChange;
        return { isHeld: () => this.held, held: Promise.resolve(), release: async () => undefined };
      },
    };
  }
}

/** A store that has the installation, and stays. */
export const steadyStore: StoreView = {
  standing: () => ({ state: "ours", id: "store", reason: "it is the test's" }),
  check: async () => steadyStore.standing(),
  onChange: () => () => undefined,
  epochsOf: () => [],
  keepEpochs: async () => undefined,
  forgetEpochs: () => undefined,
};

/** A supervisor of a world. */
export function supervise(
  world: World,
  parts: { bus: Bus; service: Service },
  changed: Partial<MasterOptions> = {},
): MasterSupervisor {
  return new MasterSupervisor({
    install: "test",
    name: world.name,
    namespace: "ci",
    entry: { name: world.name },
    isListed: true,
    attach: world.attach.mode,
    target: { master: { close: () => undefined }, agentUrl: "", podLabels: {} } as unknown as AttachTarget,
    templates: [template()],
    maxSlaves: 100,
    anchors: "off",
    nodeOpsPerSecond: 1000,
    launchesPerMinute: 1000,
    maxHoldMs: 24 * 60 * 60_000,
    intervalMs: 2000,
    cluster: world.cluster.cluster,
    store: steadyStore,
    pods: world.cluster.source,
    log: createLogger({ level: "silent" }),
    timing: systemTiming,
    ...parts,
    ...changed,
  });
}

/** When a process ends: after a call, by its place or by all that were begun so far; or stands still before one. */
export interface Fate {
  readonly diesAfter?: number | ((calls: readonly string[]) => boolean);
  readonly stopsBefore?: number;
}

const never = new Promise<never>(() => undefined);

/**
 * A process that ends, or stands still, in the midst of its work: every call that leaves it is counted, and after one of
 * them, or before it, nothing more comes of anything.
 */
export class Mortal {
  readonly calls: string[] = [];
  readonly #fate: Fate;
  readonly #ended = Promise.withResolvers<void>();
  readonly #woken = Promise.withResolvers<void>();
  #isDead = false;

  constructor(fate: Fate = {}) {
    this.#fate = fate;
  }

  /** Resolves when it died or stood still. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Who stood still does the one thing that it was about to do. */
  wake(): void {
    this.#woken.resolve();
  }

  bus(bus: Bus): Bus {
    return {
      ...this.#wrap("bus", bus, ["publish", "request", "readLast"]),
      slaves: this.#wrap("slaves", bus.slaves, ["create", "update", "remove", "list", "each", "get"]),
      ledger: this.#wrap("ledger", bus.ledger, ["create", "update", "get"]),
      masters: this.#wrap("masters", bus.masters, ["create", "update", "get"]),
    };
  }

  /** `cluster` is the world's, or the real one that it mirrors. */
  over(world: World, cluster: Cluster = world.cluster.cluster): Pick<MasterOptions, "cluster" | "attach"> {
    const ofPods = ["createPod", "getPod", "deletePod", "stopPod"] as const;
    const ofSecrets = ["createSecret", "getSecret", "deleteSecret"] as const;
    const ofServices = ["createService", "getService", "deleteService"] as const;
    const attach = ["agentPart", "register", "secretFiles", "markOffline", "look", "removeNode"] as const;
    return {
      cluster: this.#wrap("cluster", cluster, [...ofPods, ...ofSecrets, ...ofServices]),
      attach: this.#wrap<AttachMode>("attach", world.attach.mode, attach),
    };
  }

  #wrap<T extends object>(side: string, target: T, methods: readonly (keyof T & string)[]): T {
    const wrapped = methods.map((method) => {
      const call = target[method] as (...args: unknown[]) => Promise<unknown>;
      return [method, (...args: unknown[]) => this.#call(`${side}.${method}`, () => call(...args))];
    });
    return { ...target, ...Object.fromEntries(wrapped) };
  }

  async #call(name: string, work: () => Promise<unknown>): Promise<unknown> {
    if (this.#isDead) return never;
    const index = this.calls.length;
    this.calls.push(name);
    const { diesAfter, stopsBefore } = this.#fate;
    const isLast = typeof diesAfter === "function" ? diesAfter(this.calls) : index === diesAfter;
    if (index === stopsBefore) {
      this.#isDead = true;
      this.#ended.resolve();
      await this.#woken.promise;
      await work().catch(() => undefined);
      return never;
    }
    const result = await work();
    if (isLast) {
      this.#isDead = true;
      this.#ended.resolve();
    }
    return this.#isDead ? never : result;
  }
}
