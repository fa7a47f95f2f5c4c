import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bus, connectBus, type NatsServer, startNatsServer } from "@kubestack/bus";
import type { ServiceName, SlaveRecord } from "@kubestack/contracts";
import type { HudsonBuild } from "@kubestack/real-parts";
import { agentsNamespace, configurationOf, kinds, startWorld, type World, type WorldOptions } from "@kubestack/sandbox";
import { expect, vi } from "vitest";

const daemonProgram = fileURLToPath(new URL("../../packages/daemon/src/main.ts", import.meta.url));
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata", users: ["system:serviceaccount:kubestack:slave-supervisor"] }, { level: "None" }],
};

type Settings = ReturnType<typeof configurationOf>;

/** What the API server wrote down of one request of the supervisor. */
export interface Request {
  readonly verb: string;
  readonly resource: string;
  readonly name: string | undefined;
}

/** A world with NATS of its own, and KubeStack's services as processes of their own. */
export class Site {
  readonly world: World;
  readonly nats: NatsServer;
  readonly bus: Bus;
  readonly #auditFile: string;
  readonly #processes = new Set<ChildProcess>();

  private constructor(world: World, nats: NatsServer, bus: Bus, auditFile: string) {
    this.world = world;
    this.nats = nats;
    this.bus = bus;
    this.#auditFile = auditFile;
  }

  /** `images`: what the cluster's node can run besides the sandbox's slaves. */
  static async start({ images }: Pick<WorldOptions, "images"> = {}): Promise<Site> {
    const files = await import("@kubestack/real-parts").then(({ temporaryFolder }) => temporaryFolder("audit"));
    const policy = join(files.path, "policy.json");
    const auditFile = join(files.path, "audit.log");
    await writeFile(policy, JSON.stringify(auditPolicy));
    const world = await startWorld({
      images,
      apiServerFlags: [`--audit-policy-file=${policy}`, `--audit-log-path=${auditFile}`],
    });
    const nats = await startNatsServer({
      binary: world.parts.nats.binary,
      storeDir: join(world.folder, "shared-nats"),
    });
    const bus = await connectBus({ servers: [nats.url], name: "end-to-end" });
    const admin = world.master.admin;
    for (const kind of kinds)
      await admin.createJob({
        name: `builds-${kind}`,
        label: kind,
        // Each build is told how long it takes and how it ends.
        script: 'echo "build $N"; sleep "$SECONDS_LONG"; exit "$CODE"',
        parameters: { N: "0", SECONDS_LONG: "2", CODE: "0" },
      });
    return new Site(world, nats, bus, auditFile);
  }

  /** Writes a configuration file: the sandbox's, with what `change` makes of it. */
  async configure(name: string, change: (settings: Settings) => unknown = (settings) => settings): Promise<string> {
    const file = join(this.world.folder, `${name}.yaml`);
    const settings = { ...configurationOf(this.world.parts), nats: { servers: [this.nats.url] } };
    await writeFile(file, JSON.stringify(change(settings as never)));
    return file;
  }

  /** Starts a process with these services; none means all. Its log is in the world's folder. */
  run(configFile: string, ...services: ServiceName[]): Service {
    return this.#spawn(["--config", configFile, ...services], process.env);
  }

  /** Starts a process with all services, which is told by these variables what its file does not say. */
  runWith(variables: Readonly<Record<string, string>>, configFile: string): Service {
    return this.#spawn(["--config", configFile], { ...process.env, ...variables });
  }

  #spawn(args: readonly string[], env: NodeJS.ProcessEnv): Service {
    const [, , ...services] = args;
    const logFile = join(this.world.folder, `${services.join("+") || "all"}-${this.#processes.size}.log`);
    const child = spawn(process.execPath, [daemonProgram, ...args], { env, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.pipe(createWriteStream(logFile));
    this.#processes.add(child);
    return new Service(child, logFile);
  }

  /** Starts each service in a process of its own; a master is supervised when it resolves. */
  async runEach(configFile: string): Promise<Services> {
    const services = {
      collector: this.run(configFile, "demand-collector"),
      completions: this.run(configFile, "completion-collector"),
      supervisor: this.run(configFile, "slave-supervisor"),
    };
    await services.supervisor.says(/took the master over/);
    return services;
  }

  async build(kind: string, parameters: Record<string, string>): Promise<void> {
    await this.world.master.admin.build(`builds-${kind}`, parameters);
  }

  /** A job's builds, newest first. */
  builds(kind: string): Promise<HudsonBuild[]> {
    return this.world.master.admin.builds(`builds-${kind}`);
  }

  /** Waits until so many of a job's builds have a result. */
  async finished(kind: string, count: number, timeout = 90_000): Promise<HudsonBuild[]> {
    return vi.waitFor(
      async () => {
        const builds = await this.builds(kind);
        expect(builds.filter(({ result }) => result !== null)).toHaveLength(count);
        return builds;
      },
      { timeout, interval: 200 },
    );
  }

  async records(): Promise<SlaveRecord[]> {
    return (await this.bus.slaves.list()).map(({ value }) => value);
  }

  /** What of KubeStack's is there now: on the cluster, on the master, in the ledger, as processes. */
  async present() {
    const path = `/api/v1/namespaces/${agentsNamespace}`;
    const names = async (what: string): Promise<string[]> => {
      const { items } = (await this.world.cluster.json(`${path}/${what}`)) as {
        items: { metadata: { name: string } }[];
      };
      return items.map(({ metadata }) => metadata.name);
    };
    const nodes = await this.world.master.admin.nodes();
    return {
      pods: await names("pods"),
      secrets: await names("secrets"),
      nodes: nodes.map(({ displayName }) => displayName).filter((name) => name.startsWith("ks-")),
      processes: this.world.kubelet.running().map(({ pod }) => pod),
      alive: (await this.records()).filter(({ state }) => state !== "deleted").map(({ name }) => name),
      ledger: (await this.bus.ledger.list()).flatMap(({ value }) => value.live.map(({ number }) => number)),
    };
  }

  async untilNothingIsLeft(): Promise<void> {
    const nothing = { pods: [], secrets: [], nodes: [], processes: [], alive: [], ledger: [] };
    await vi.waitFor(async () => expect(await this.present()).toEqual(nothing), { timeout: 60_000, interval: 200 });
  }

  /** Every request of the supervisor's account so far. */
  async requests(): Promise<Request[]> {
    const lines = (await readFile(this.#auditFile, "utf8")).trim().split("\n").filter(Boolean);
    return lines.map((line) => {
      const { verb, objectRef } = JSON.parse(line) as {
        verb: string;
        objectRef?: { resource?: string; name?: string };
      };
      return { verb, resource: objectRef?.resource ?? "", name: objectRef?.name };
    });
  }

  async stop(): Promise<void> {
    for (const child of this.#processes)
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await this.bus.close();
    await this.nats.stop();
    await this.world.stop();
  }
}

/** The services, each in a process of its own. */
export interface Services {
  collector: Service;
  completions: Service;
  supervisor: Service;
}

/** One process of KubeStack. */
export class Service {
  readonly child: ChildProcess;
  readonly logFile: string;
  readonly ended: Promise<number | NodeJS.Signals | null>;

  constructor(child: ChildProcess, logFile: string) {
    this.child = child;
    this.logFile = logFile;
    this.ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  }

  log(): Promise<string> {
    return readFile(this.logFile, "utf8");
  }

  /** Waits until the log has a line like this. */
  async says(pattern: RegExp): Promise<void> {
    await vi.waitFor(async () => expect(await this.log()).toMatch(pattern), { timeout: 30_000, interval: 50 });
  }

  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.ended;
  }
}
