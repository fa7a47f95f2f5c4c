import { type Bus, connectBus } from "@kubestack/bus";
import { channels, type Demand, type DemandSource, subjects } from "@kubestack/contracts";
import { type NatsServer, startNatsServer, startTcpProxy, type TcpProxy } from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { MasterCollector, type MasterCollectorOptions } from "./master-collector.ts";

/** How long to wait for what has no signal. */
export const patient = { timeout: 30_000, interval: 20 };

/** A real nats-server for a file's tests, and a process that is connected to it. */
export class Bed {
  /** Undone after each test, the last first. */
  readonly ends: (() => unknown)[] = [];
  readonly #name: string;
  #server: NatsServer | undefined;
  #bus: Bus | undefined;
  #names = 0;

  /** `name` begins the names of its masters. */
  constructor(name: string) {
    this.#name = name;
    beforeAll(async () => {
      this.#server = await startNatsServer();
      this.#bus = await connectBus({ servers: [this.#server.url], name: "test" });
    });
    afterAll(async () => {
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

  /** What is published of a master, as it is heard. */
  hear(master: string): Heard {
    const rounds: Demand[] = [];
    this.ends.push(this.bus.subscribe(channels.demand, subjects.demand(master), ({ data }) => rounds.push(data)));
    const shown = (source?: string): DemandSource | undefined =>
      rounds.at(-1)?.sources.find(({ name }) => source === undefined || name === source);
    return {
      rounds,
      shown,
      shows: (expected, source) => vi.waitFor(() => expect(shown(source)).toMatchObject(expected), patient),
    };
  }

  /** A collector of a master, and what it publishes. */
  async collected(
    options: Pick<MasterCollectorOptions, "listeners"> & { readonly name?: string } & Partial<MasterCollectorOptions>,
  ): Promise<Heard & { readonly name: string; readonly collector: MasterCollector; stop(): Promise<void> }> {
    const { name = this.newName(), bus = this.bus } = options;
    const service = await bus.serve("demand-collector", "1.0.0");
    const heard = this.hear(name);
    const log = createLogger({ level: "silent" });
    const common = { name, master: undefined, bus, service, log, timing: systemTiming };
    const collector = new MasterCollector({ ...common, ...options });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopped ??= collector.stop().then(() => service.stop());
      return stopped;
    };
    this.ends.push(stop);
    return { ...heard, name, collector, stop };
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

/** What is published of a master. */
export interface Heard {
  readonly rounds: readonly Demand[];
  /** The newest round of a source; of the first one where none is named. */
  shown(source?: string): DemandSource | undefined;
  /** Waits until a source's newest round is so. */
  shows(expected: object, source?: string): Promise<unknown>;
}
