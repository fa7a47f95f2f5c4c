import type { Bus } from "@kubestack/bus";
import type { DemandSource } from "@kubestack/contracts";
import { connectSubmitter, startWorker } from "@kubestack/gearman";
import { type Gearmand, startGearmand, startTcpProxy, type TcpProxy } from "@kubestack/real-parts";
import type { Logger } from "@kubestack/runtime";
import { describeDemandListener, type SourceUnderTest } from "../conformance.fixture.ts";
import { troublesOf } from "../troubled-way.fixture.ts";
import { gearman } from "./index.ts";

/** A real gearmand. What waits are builds, whose names are their jobs'. */
class GearmanSource implements SourceUnderTest {
  readonly pushes = false;
  #server: Gearmand | undefined;
  #way: TcpProxy | undefined;

  get server(): Gearmand {
    if (this.#server === undefined) throw new RangeError("It does not run yet.");
    return this.#server;
  }

  get way(): TcpProxy {
    if (this.#way === undefined) throw new RangeError("There is no way to it yet.");
    return this.#way;
  }

  readonly troubles = {
    ...troublesOf(() => this.way),
    // Ten seconds are waited for an answer.
    "does not answer": { begin: () => this.way.stall(), end: () => this.way.flow(), isSlow: true },
    "is a web server": { begin: () => this.way.spoil("web page"), end: () => this.way.flow() },
    "sends a line without an end": { begin: () => this.way.spoil("endless"), end: () => this.way.flow() },
    dies: {
      begin: async () => {
        this.server.process().send("SIGKILL");
        await this.server.process().ended;
      },
      end: () => this.server.startServer(),
      loses: true,
    },
  };

  readonly hostile = {
    "a name that breaks the server's own list": {
      send: () => this.#submit("build:t\tb:x"),
      told: /1 lines of Gearman server \S+ can't be read/,
    },
    "a name longer than any is": { send: () => this.#submit(`build:${"x".repeat(2_000)}:linux`) },
    "a label that is an expression": { send: () => this.#submit('build:x:linux && !"a') },
    "a job without a name": { send: () => this.#submit("build::linux") },
    "a name of all sorts of characters": { send: () => this.#submit("build:\u202e<b>‘é\u0007:\ud83d\ude00") },
  };

  async start(): Promise<void> {
    this.#server = await startGearmand();
    this.#way = await startTcpProxy(this.server.port);
  }

  async stop(): Promise<void> {
    await this.#way?.close();
    await this.#server?.stop();
  }

  connect(log: Logger) {
    return gearman.connect(
      { type: "gearman", host: "127.0.0.1", port: this.way.port, interval: 250 },
      { name: "zuul", master: undefined, bus: {} as Bus, hooks: undefined, log, now: Date.now },
    );
  }

  async empty(): Promise<void> {
    await this.restart();
  }

  add(...names: string[]): Promise<void> {
    return this.#submit(...names.map((name) => `build:${name}:linux`));
  }

  /** A worker does it. */
  async remove(name: string): Promise<void> {
    const done = Promise.withResolvers<void>();
    const work = async () => {
      setImmediate(done.resolve);
      return { state: "complete" as const, data: Buffer.from("{}") };
    };
    const { host, port } = this.server;
    const worker = await startWorker({ host, port, clientId: "w", functions: [`build:${name}:linux`], work });
    await done.promise;
    await worker.stop();
  }

  shown({ items }: DemandSource): readonly string[] {
    return items.map(({ job }) => job);
  }

  async flood(): Promise<number> {
    const count = 10_000;
    await this.#submit(...Array.from({ length: count }, (_, number) => `build:job-${number}:label-${number % 50}`));
    return count;
  }

  async restart(): Promise<"loses"> {
    await this.server.stopServer();
    await this.server.startServer();
    return "loses";
  }

  open(): number {
    return this.way.connections();
  }

  async #submit(...functions: string[]): Promise<void> {
    const client = await connectSubmitter(this.server);
    await Promise.all(functions.map((name) => client.submit({ function: name, unique: "", data: "" })));
    client.close();
  }
}

describeDemandListener("gearman", new GearmanSource());
