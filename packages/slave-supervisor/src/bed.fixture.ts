import { type Bus, connectBus, type Service } from "@kubestack/bus";
import { keys, type SlaveRecord } from "@kubestack/contracts";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import type { MasterOptions } from "./master-scope.ts";
import type { MasterSupervisor } from "./master-supervisor.ts";
import { recordAfter, type Told } from "./slave-record.fixture.ts";
import { collect, supervise, TestLease, World } from "./world.fixture.ts";

/** A process's connection and what it answers. */
export interface Process {
  readonly bus: Bus;
  readonly service: Service;
}

export interface StartOptions {
  /** What becomes of the bus before the supervisor has it. */
  readonly through?: (bus: Bus) => Bus;
  readonly changed?: Partial<MasterOptions>;
  readonly process?: Process;
}

/** Waits for what has no signal. */
export async function until(check: () => Promise<void> | void, timeout = 15_000): Promise<void> {
  await vi.waitFor(check, { timeout, interval: 50 });
}

/** A real nats-server for a file's tests, with two processes that may supervise and one that collects. */
export class Bed {
  server: NatsServer | undefined;
  #processes: Process[] = [];
  readonly ends: (() => Promise<void> | void)[] = [];
  #worlds = 0;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    beforeAll(async () => {
      const server = await startNatsServer();
      this.server = server;
      for (const service of ["demand-collector", "slave-supervisor", "slave-supervisor"])
        this.#processes.push(await connected(server.url, service));
    });
    afterAll(async () => {
      await Promise.all(this.#processes.map(({ bus }) => bus.close()));
      await this.server?.stop();
    });
    afterEach(async () => {
      for (const end of this.ends.splice(0).reverse()) await end();
    });
  }

  get url(): string {
    if (this.server === undefined) throw new RangeError("The test's server does not run yet.");
    return this.server.url;
  }

  get collecting(): Process {
    return this.#process(0);
  }

  get one(): Process {
    return this.#process(1);
  }

  get two(): Process {
    return this.#process(2);
  }

  #process(index: number): Process {
    const found = this.#processes[index];
    if (found === undefined) throw new RangeError("The test's processes are not connected yet.");
    return found;
  }

  newWorld(): World {
    this.#worlds += 1;
    return new World(`${this.#name}${this.#worlds}`);
  }

  async collected(world: World): Promise<ReturnType<typeof collect>> {
    const collector = collect(world, this.collecting.bus, this.collecting.service);
    await this.collecting.service.known();
    this.ends.push(collector.stop);
    return collector;
  }

  /** A supervisor with a lease of the test's. */
  started(world: World, options: StartOptions = {}): { supervisor: MasterSupervisor; lease: TestLease } {
    const { bus, service } = options.process ?? this.one;
    const lease = new TestLease();
    const through = options.through ?? ((plain) => plain);
    const supervisor = supervise(world, { service, bus: lease.over(through(bus)) }, options.changed);
    lease.give();
    this.ends.push(() => supervisor.stop());
    return { supervisor, lease };
  }

  async records(world: World): Promise<SlaveRecord[]> {
    return (await this.one.bus.slaves.list(keys.slavesOf(world.name))).map(({ value }) => value);
  }

  /** Waits until so many items ran and nothing is left of any slave. */
  async isOver(world: World, items: number): Promise<void> {
    await until(async () => {
      const ledger = await this.one.bus.ledger.get(keys.ledger(world.name));
      expect({ ran: world.ran.length, left: !world.isEmpty, live: ledger?.value.live.length }).toEqual({
        ran: items,
        left: false,
        live: 0,
      });
    });
  }

  /** Puts a slave there that an earlier owner left: in ledger and store. */
  async leftBehind(world: World, events: readonly Told[], changed: Partial<SlaveRecord> = {}): Promise<SlaveRecord> {
    const record = recordAfter(events, { master: world.name, ...changed });
    const { number, nonce, template, labels, item, epoch } = record;
    const at = record.life.trail[0]?.at ?? 0;
    const living = { number, nonce, template, labels, item, at, reason: "left behind" };
    const ledger = { version: 1, master: world.name, owner: "gone", term: 3, epoch, next: 9, live: [living] };
    await this.one.bus.ledger.create(keys.ledger(world.name), ledger);
    await this.one.bus.slaves.create(keys.slave(world.name, record.name), record);
    return record;
  }
}

/** A process that is connected and serves under this name. */
export async function connected(url: string, name: string, ownNow = Date.now): Promise<Process> {
  const bus = await connectBus({ servers: [url], name, ownNow });
  return { bus, service: await bus.serve(name, "1.0.0") };
}
