import { type Bus, connectBus, type Service } from "@kubestack/bus";
import { type Completion, channels, commands, type LookRequest, subjects } from "@kubestack/contracts";
import { type NatsServer, startNatsServer, startTcpProxy, type TcpProxy } from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { MasterCompletions, type MasterCompletionsOptions } from "./master-completions.ts";

/** How long to wait for what has no signal. */
export const patient = { timeout: 15_000, interval: 20 };

/** A real nats-server for a file's tests, a process that is connected to it, and who looks at masters when asked to. */
export class Bed {
  /** Undone after each test, the last first. */
  readonly ends: (() => unknown)[] = [];
  readonly #name: string;
  #server: NatsServer | undefined;
  #bus: Bus | undefined;
  #looking: Service | undefined;
  #names = 0;

  /** `name` begins the names of its masters. */
  constructor(name: string) {
    this.#name = name;
    beforeAll(async () => {
      this.#server = await startNatsServer();
      this.#bus = await connectBus({ servers: [this.#server.url], name: "test" });
      this.#looking = await this.#bus.serve("demand-collector", "1.0.0");
    });
    afterAll(async () => {
      await this.#looking?.stop();
      await this.#bus?.close();
      await this.#server?.stop();
    });
    afterEach(async () => {
      for (const end of this.ends.splice(0).reverse()) await end();
    });
  }

  get server(): NatsServer {
    if (this.#server === undefined) throw new RangeError("The test's server does not run yet.");
    return this.#server;
  }

  get bus(): Bus {
    if (this.#bus === undefined) throw new RangeError("The test's process is not connected yet.");
    return this.#bus;
  }

  /** The name of a master that no other test has. */
  newName(): string {
    this.#names += 1;
    return `${this.#name}${this.#names}`;
  }

  /** Another process. Leases are tried for often, so that no test waits a second for one. */
  async connected(): Promise<Bus> {
    const bus = await connectBus({ servers: [this.server.url], name: "test" });
    this.ends.push(() => bus.close());
    return { ...bus, lease: (duty, more) => bus.lease(duty, { retryMs: 20, ...more }) };
  }

  /** Another process, whose way to the server a test may trouble. It is closed by who asked for it. */
  async over(): Promise<{ readonly bus: Bus; readonly way: TcpProxy }> {
    const way = await startTcpProxy(Number(new URL(this.server.url).port));
    return { way, bus: await connectBus({ servers: [`nats://127.0.0.1:${way.port}`], name: "test" }) };
  }

  /** The server ends and starts anew, with what it has stored; resolves when the bed's process and these are connected again. */
  async restart(...others: readonly Bus[]): Promise<void> {
    const back = Promise.all([this.bus, ...others].map(reconnected));
    await this.server.stopServer();
    await this.server.startServer();
    await back;
  }

  /** The facts of a master's builds, as they are heard. */
  hear(master: string): readonly Completion[] {
    const heard: Completion[] = [];
    const { bus } = this;
    this.ends.push(bus.subscribe(channels.completion, subjects.completionsOf(master), ({ data }) => heard.push(data)));
    return heard;
  }

  /** What is asked of whoever looks at a master. */
  async asked(master: string): Promise<readonly LookRequest[]> {
    if (this.#looking === undefined) throw new RangeError("Nobody looks at masters yet.");
    const asked: LookRequest[] = [];
    const answer = (request: LookRequest) => {
      asked.push(request);
      return { accepted: true };
    };
    this.ends.push(this.#looking.answer(commands.lookNow, answer, master));
    await this.#looking.known();
    return asked;
  }

  /** Listens to a master, and holds its lease once this resolves. */
  async listening(
    options: Pick<MasterCompletionsOptions, "name" | "listeners"> & Partial<MasterCompletionsOptions>,
  ): Promise<{ readonly completions: MasterCompletions; stop(): Promise<void> }> {
    const log = createLogger({ level: "silent" });
    const common = { master: undefined, bus: this.bus, log, timing: systemTiming };
    const completions = new MasterCompletions({ ...common, ...options });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopped ??= completions.stop();
      return stopped;
    };
    this.ends.push(stop);
    await vi.waitFor(() => expect(completions.status().state).toBe("ok"), patient);
    return { completions, stop };
  }
}

/** Resolves when a process is connected again that is not, or soon will not be. */
export function reconnected(bus: Bus): Promise<void> {
  return new Promise((resolve) => {
    const end = bus.onReconnect(() => {
      end();
      resolve();
    });
  });
}
