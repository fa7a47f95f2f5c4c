import type { Bus } from "@kubestack/bus";
import { startCompletionCollector } from "@kubestack/completion-collector";
import { buckets, type Completion, channels, KubestackError, keys, type SlaveRecord } from "@kubestack/contracts";
import { startDemandCollector } from "@kubestack/demand-collector";
import { connectMaster, type Master } from "@kubestack/jenkins";
import { type CoreOptions, createJenkinsInMemory, type JenkinsInMemory } from "@kubestack/jenkins-simulator";
import { createLogger, type Stoppable } from "@kubestack/runtime";
import { startSlaveSupervisor } from "@kubestack/slave-supervisor";
import { annotationNames, type TemplateConfig, templateConfigSchema } from "@kubestack/templates";
import { type Kubelet, startKubelet } from "./kubelet.ts";
import { MemoryCluster } from "./memory-cluster.ts";
import { MemoryNats } from "./memory-nats.ts";
import { Tally } from "./tally.ts";
import { Process, VirtualTime } from "./virtual-time.ts";

export interface SiteOptions extends Omit<CoreOptions, "clock"> {
  readonly seed: number;
  readonly templates: readonly {
    readonly name: string;
    readonly labels: readonly string[];
    readonly [key: string]: unknown;
  }[];
  /** The part of pods whose agent never connects. */
  readonly failing?: number;
  /** From a pod's creation to its agent's first try to connect, in milliseconds. */
  readonly podStartMs?: readonly [least: number, most: number];
  /** How long each way to the master and back takes, in milliseconds. */
  readonly masterMs?: readonly [least: number, most: number];
  /** Whether the master answers that a node is marked and marks none: a control for tests that must fail then. */
  readonly forgetsMarks?: boolean;
  /** Whether the master answers that a node is back online and leaves it marked: another control. */
  readonly keepsMarks?: boolean;
  /** Machines of the cluster. Default 1. */
  readonly machines?: number;
  readonly maxSlaves?: number;
  readonly anchors?: "auto" | "off";
  /** How slaves become nodes; `swarm`: the masters have its plugin. Default inbound. */
  readonly attach?: "inbound" | "swarm";
  /** Its name; default `simulated`. */
  readonly install?: string;
  /** Another site whose time, cluster and master it shares: two installations, or one with two stores. */
  readonly beside?: Site;
  /** Names of the masters that are there. Default: one, `m`. */
  readonly masters?: readonly string[];
  /** How each service is started, where a test does it otherwise: by a configuration that changes, for example. */
  readonly starters?: (site: Site) => Starters;
}

/** How a process of each service begins, given its connection. */
export type Starters = Readonly<Record<ServiceName, (bus: Bus) => Promise<Stoppable>>>;

export const serviceNames = ["demand-collector", "completion-collector", "slave-supervisor"] as const;
export type ServiceName = (typeof serviceNames)[number];

/** One process of a service. */
interface Replica {
  readonly service: ServiceName;
  readonly process: Process;
  /** Its name on NATS. */
  readonly busName: string;
  running: Stoppable | undefined;
}

/** An answer in the place of the master's own; or what becomes of the request, or of its answer. */
export type MasterFault = (
  request: string,
  chance: (of: number) => boolean,
) =>
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string }
  | "unreachable"
  | "hangs"
  | "lost"
  | "half"
  | undefined;

/** A request to a master is given up after this time, in milliseconds, as connections to real ones are. */
const masterPatienceMs = 20_000;

/**
 * A whole installation in virtual time: KubeStack's services as they are, each a process that may be killed, stopped and
 * started again, on a NATS, a cluster and a Jenkins in memory. A seed always tells the same story.
 */
export class Site {
  readonly time: VirtualTime;
  readonly nats: MemoryNats;
  readonly cluster: MemoryCluster;
  /** The masters, by name. */
  readonly masters: ReadonlyMap<string, JenkinsInMemory>;
  /** The first of them. */
  readonly jenkins: JenkinsInMemory;
  readonly kubelet: Kubelet;
  /** What the services counted. */
  readonly tally = new Tally();
  readonly #options: SiteOptions;
  /** What becomes of a request to the master; undefined: it is answered. */
  masterFault: MasterFault | undefined;
  /** Whether something that goes on by itself is to go on. */
  isTroubled = false;
  readonly #replicas: Replica[] = [];
  readonly #putBack: () => void;
  #starts = 0;

  constructor(options: SiteOptions) {
    this.#options = options;
    const { beside } = options;
    const time = beside?.time ?? new VirtualTime(options.seed);
    this.time = time;
    this.nats = new MemoryNats(time);
    if (beside !== undefined) {
      this.#putBack = () => undefined;
      ({ cluster: this.cluster, jenkins: this.jenkins, masters: this.masters, kubelet: this.kubelet } = beside);
      return;
    }
    this.#putBack = time.install();
    this.cluster = new MemoryCluster(time);
    const names = options.masters ?? ["m"];
    const hasSwarm = options.attach === "swarm";
    const first = createJenkinsInMemory({ ...options, hasSwarm, clock: () => time.wallClock });
    const others = names
      .slice(1)
      .map((_, at) =>
        createJenkinsInMemory({ ...options, hasSwarm, seed: options.seed + at + 1, clock: () => time.wallClock }),
      );
    this.jenkins = first;
    this.masters = new Map([first, ...others].map((jenkins, at) => [names[at] ?? "", jenkins]));
    const coreOf = ({ metadata }: { metadata: { annotations?: Readonly<Record<string, string>> } }) =>
      (this.masters.get(metadata.annotations?.[annotationNames.master] ?? "") ?? first).core;
    const { failing = 0, podStartMs: startMs = [300, 3_000], machines } = options;
    this.kubelet = startKubelet({ time, cluster: this.cluster, coreOf, failing, startMs, machines });
  }

  get records(): SlaveRecord[] {
    return this.nats.values(buckets.slaves);
  }

  get completions(): Completion[] {
    return this.nats.kept(channels.completion).map(({ data }) => data);
  }

  /** Starts a service as a process of its own; one that runs already is left. */
  async start(...names: ServiceName[]): Promise<void> {
    for (const name of names.length === 0 ? serviceNames : names)
      if (this.replicas(name).length === 0) await this.startAnother(name);
  }

  /** Starts a further process of a service, which is the one that is meant by its name from now on. */
  async startAnother(name: ServiceName): Promise<Process> {
    this.#starts += 1;
    const process = new Process(`${name}-${this.#starts}`);
    const bus = this.nats.connect(process);
    const replica: Replica = { service: name, process, busName: bus.process, running: undefined };
    this.#replicas.push(replica);
    const starters = this.#options.starters?.(this) ?? this.#starters;
    replica.running = await this.time.as(process, () => starters[name](bus));
    return process;
  }

  /** The processes of a service that are not dead, the youngest last. */
  replicas(name: ServiceName): Process[] {
    return this.#replicas.flatMap(({ service, process }) =>
      service === name && process.state !== "dead" ? [process] : [],
    );
  }

  /** The youngest process of a service. */
  process(name: ServiceName): Process {
    const replica = this.#replicas.findLast(({ service }) => service === name);
    if (replica === undefined) throw new RangeError(`${name} was not started.`);
    return replica.process;
  }

  /** The process that holds the service's lease of a master; undefined while nobody does. */
  holder(name: ServiceName, master = "m"): Process | undefined {
    const holder = this.nats.value(buckets.leases, keys.lease(name, master))?.holder;
    return this.#replicas.find(({ busName }) => busName === holder)?.process;
  }

  kill(name: ServiceName): void {
    this.time.kill(this.process(name));
  }

  /** Asks a process to end, as a signal does, and waits until it is over. */
  async endOrderly(process: Process): Promise<void> {
    const replica = this.#replicas.find((one) => one.process === process);
    await this.time.as(process, () => replica?.running?.stop());
    this.time.kill(process);
  }

  /** Puts the realm's timers back. */
  end(): void {
    for (const { process } of this.#replicas) this.time.kill(process);
    if (this.#options.beside === undefined) for (const jenkins of this.masters.values()) jenkins.stop();
    this.#putBack();
  }

  /** Whether nothing of any slave is left: on the cluster, at the master, in the ledger. */
  get isEmpty(): boolean {
    const { cluster, nats } = this;
    return (
      cluster.pods.size === 0 &&
      cluster.secrets.size === 0 &&
      [...this.masters].every(([master, { core }]) =>
        [...core.state.nodes.keys()].every((name) => !name.startsWith(`ks-${master}-`)),
      ) &&
      nats.values(buckets.ledger).every(({ live }) => live.length === 0) &&
      this.records.every(({ state }) => state === "deleted")
    );
  }

  /** A connection to a master. */
  connectTo(name: string): Master {
    const { time } = this;
    const jenkins = this.masters.get(name);
    if (jenkins === undefined) throw new RangeError(`There is no master ${name}.`);
    const [least, most] = this.#options.masterMs ?? [1, 10];
    return connectMaster({
      name,
      url: jenkins.url,
      user: jenkins.user,
      auth: { kind: "token", read: async () => jenkins.token },
      pause: (ms) => time.passed(ms),
      send: async ({ method, url, headers, body = "" }) => {
        await time.sent(`${method} ${new URL(url).pathname}`, time.between(least, most));
        const { forgetsMarks, keepsMarks } = this.#options;
        const isForgotten =
          (forgetsMarks && url.includes("changeOfflineCause")) || (keepsMarks && url.includes("toggleOffline"));
        const sent = { method, url: isForgotten ? jenkins.url : url, headers, body };
        const fault = this.masterFault?.(`${method} ${url}`, (of) => time.chance(of));
        const isDone = fault === undefined || fault === "lost" || fault === "half";
        const answer = isDone ? await time.apart(() => jenkins.answer(sent)) : undefined;
        await time.passed(fault === "hangs" ? masterPatienceMs : time.between(least, most));
        if (typeof fault === "object") return { ...fault, setCookies: [] };
        if (answer === undefined || fault === "lost")
          throw new KubestackError("master-unavailable", `Master ${name} broke off its answer.`);
        const text = fault === "half" ? answer.text.slice(0, answer.text.length / 2) : answer.text;
        return { ...answer, text, setCookies: [] };
      },
    });
  }

  readonly #starters: Starters = {
    "demand-collector": (bus) =>
      startDemandCollector({
        ...this.common(bus),
        masters: this.#each((name, master) => ({ name, master, demand: [{ type: "jenkins-queue", interval: 2000 }] })),
      }),
    "completion-collector": (bus) =>
      startCompletionCollector({
        ...this.common(bus),
        masters: this.#each((name, master) => ({ name, master, completion: [{ type: "jenkins-computers" }] })),
      }),
    "slave-supervisor": (bus) =>
      startSlaveSupervisor({
        ...this.common(bus),
        namespace: "ci",
        cluster: this.cluster.connect(),
        templates: this.#options.templates.map(templateOf),
        limits: {
          launchesPerMinute: 10_000,
          maxSlaves: this.#options.maxSlaves ?? 1_000,
          countForeign: false,
          maxHold: 86_400_000,
        },
        masters: this.#each((name, master) => ({
          name,
          master,
          attach: this.#options.attach ?? "inbound",
          agentUrl: this.jenkins.url,
          podLabels: {},
          anchors: this.#options.anchors ?? "off",
          nodeOpsPerSecond: "auto",
          intervalMs: 2000,
          entry: { name },
        })),
      }),
  };

  #each<T>(describe: (name: string, master: Master) => T): T[] {
    return [...this.masters.keys()].map((name) => describe(name, this.connectTo(name)));
  }

  /** What every service is started with. */
  common(bus: Bus) {
    return {
      install: this.#options.install ?? "simulated",
      version: "0.0.0",
      bus,
      log: createLogger({ level: "silent" }),
      timing: this.time.timing,
      meter: this.tally,
    };
  }
}

function templateOf(of: SiteOptions["templates"][number]): TemplateConfig {
  return templateConfigSchema.parse({ image: "agent", ...of });
}
