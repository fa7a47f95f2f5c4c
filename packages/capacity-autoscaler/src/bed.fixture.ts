import { type Bus, connectBus, type Lease } from "@kubestack/bus";
import {
  type CapacityEvent,
  channels,
  commands,
  type Plan,
  type PodNeeds,
  type PoolsReply,
  type ServiceStatus,
  subjects,
} from "@kubestack/contracts";
import { type Cluster, connectCluster } from "@kubestack/kubernetes";
import {
  addMachineKinds,
  type ControlPlane,
  type Kwok,
  type MachineBehaviour,
  type MachineGroup,
  type NatsServer,
  startControlPlane,
  startKwok,
  startMachineGroup,
  startNatsServer,
} from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { nodePoolSchema } from "./pools/entry.ts";
import { type CapacityAutoscaler, startCapacityAutoscaler } from "./service.ts";

/** How long to wait for what has no signal. */
export const patient = { timeout: 30_000, interval: 20 };
const namespace = "ci-machines";
const agents = "ci-agents";

/** A pool of a test. */
export interface TestPool extends MachineBehaviour {
  readonly pricePerHour?: number;
  readonly max?: number;
  readonly deliverWithinMs?: number;
  readonly idleMs?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A process that decides, and its ways. */
export interface Deciding {
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly autoscaler: CapacityAutoscaler;
  stop(): Promise<void>;
}

/** A real NATS, a real API server and scheduler, and nodes of kwok that groups of machines bring up. */
export class Bed {
  /** Undone after each test, the last first. */
  readonly ends: (() => unknown)[] = [];
  readonly events: CapacityEvent[] = [];
  readonly groups = new Map<string, MachineGroup>();
  #plane: ControlPlane | undefined;
  #kwok: Kwok | undefined;
  #server: NatsServer | undefined;
  #bus: Bus | undefined;
  #tests = 0;
  #pools: Readonly<Record<string, TestPool>> = {};

  constructor() {
    beforeAll(async () => {
      [this.#plane, this.#server] = await Promise.all([startControlPlane(), startNatsServer()]);
      this.#kwok = await startKwok({ controlPlane: this.plane });
      await addMachineKinds(this.plane);
      for (const name of [namespace, agents])
        await this.plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name } } });
      this.#bus = await connectBus({ servers: [this.#server.url], name: "test" });
      this.#bus.subscribe(channels.capacity, subjects.allCapacity, ({ data }) => this.events.push(data));
    }, 600_000);
    afterAll(async () => {
      await this.#bus?.close();
      await this.#kwok?.stop();
      await Promise.all([this.#plane?.stop(), this.#server?.stop()]);
    }, 60_000);
    afterEach(async () => {
      for (const end of this.ends.splice(0).reverse()) await end();
      await this.#clear();
    }, 60_000);
  }

  get plane(): ControlPlane {
    if (this.#plane === undefined) throw new RangeError("The test's cluster does not run yet.");
    return this.#plane;
  }

  get bus(): Bus {
    if (this.#bus === undefined) throw new RangeError("The test's process is not connected yet.");
    return this.#bus;
  }

  /** The name that a pool has in this test. */
  nameOf(pool: string): string {
    return `${pool}-${this.#tests}`;
  }

  /** Makes the groups of machines of these pools, which a test may steer by `groups`; a node has 4 cpu and room for 16 Gi. */
  async provide(pools: Readonly<Record<string, TestPool>>): Promise<void> {
    this.#tests += 1;
    this.#pools = pools;
    for (const [pool, { annotations, ...behaviour }] of Object.entries(pools)) {
      const name = this.nameOf(pool);
      const node = { cpu: "4", memory: "16Gi", labels: { pool: name } };
      const group = await startMachineGroup({ plane: this.plane, namespace, name, node, annotations, ...behaviour });
      this.groups.set(pool, group);
      this.ends.push(() => group.stop());
    }
  }

  get natsUrl(): string {
    if (this.#server === undefined) throw new RangeError("The test's NATS does not run yet.");
    return this.#server.url;
  }

  /** Starts a process that stands by for the pools; `over`: by which ways it reaches cluster and NATS, and what it believes of its lease. */
  async start(
    over: { readonly url?: string; readonly natsUrl?: string; readonly lease?: Partial<Lease> } = {},
  ): Promise<Deciding> {
    const servers = [over.natsUrl ?? this.natsUrl];
    const bus = await connectBus({ servers, name: "autoscaler" });
    const { plane } = this;
    const url = over.url ?? plane.url;
    const cluster = connectCluster({
      kind: "url",
      url,
      token: () => plane.adminToken,
      caPem: plane.ca,
      timeoutMs: 2_000,
    });
    const autoscaler = await startCapacityAutoscaler({
      install: "test",
      version: "1.0.0",
      namespace: agents,
      settings: this.settings(),
      bus: { ...bus, lease: (duty, more) => leaseOf(bus, { duty, more, believed: over.lease }) },
      cluster,
      log: createLogger({ level: "silent" }),
      timing: systemTiming,
    });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopped ??= autoscaler.stop().then(async () => {
        await cluster.close();
        await bus.close();
      });
      return stopped;
    };
    this.ends.push(stop);
    return { bus, cluster, autoscaler, stop };
  }

  settings() {
    const nodePools = Object.entries(this.#pools).map(([pool, of]) => {
      const name = this.nameOf(pool);
      const entry = nodePoolSchema.parse({
        name,
        nodeLabels: { pool: name },
        shape: { cpu: 4, memory: "16Gi" },
        max: of.max ?? 1000,
        pricePerHour: of.pricePerHour ?? 1,
        target: { type: "scale", apiVersion: "cluster.x-k8s.io/v1beta1", kind: "MachineDeployment", namespace, name },
      });
      return { ...entry, deliverWithin: of.deliverWithinMs ?? 60_000, idleTimeout: of.idleMs ?? 60_000 };
    });
    return { nodePools, capacity: {} };
  }

  /** What a supervisor plans: so many slaves, each of so much cpu. */
  async plan(count: number, cpu = 1000): Promise<void> {
    const needs: PodNeeds = { requests: { cpu, memory: 1024 ** 3 }, namespace: agents };
    const slaves = Array.from({ length: count }, (_, at) => `ks-m-${this.#tests}-${at}`);
    const at = this.bus.clock.now();
    const launch = { template: "t", shape: { cpu: "1", memory: "1Gi" }, reason: "builds wait" };
    const plan: Plan = {
      master: "m",
      at,
      round: null,
      launches: count === 0 ? [] : [{ ...launch, count, needs, slaves: slaves.slice(0, 2000) }],
      waiting: [],
      more: 0,
    };
    await this.bus.publish(channels.plan, subjects.plan("m"), plan);
  }

  /** Makes the pod of a slave. */
  async pod(name: string, more: { readonly cpu?: string; readonly node?: string } = {}): Promise<void> {
    const labels = { "kubestack.io/install": "test", "kubestack.io/slave": name };
    const container = { name: "jnlp", image: "agent", resources: { requests: { cpu: more.cpu ?? "1" } } };
    const spec = { ...(more.node === undefined ? {} : { nodeName: more.node }), containers: [container] };
    await this.plane.json(`/api/v1/namespaces/${agents}/pods`, {
      method: "POST",
      body: { metadata: { name, labels }, spec },
    });
  }

  /** Somebody else's pod. */
  async foreignPod(name: string, node: string): Promise<void> {
    const spec = { nodeName: node, containers: [{ name: "web", image: "web" }] };
    await this.plane.json(`/api/v1/namespaces/${agents}/pods`, { method: "POST", body: { metadata: { name }, spec } });
  }

  async taint(node: string, key: string): Promise<void> {
    const body = { spec: { taints: [{ key, value: "x", effect: "NoSchedule" }] } };
    const contentType = "application/strategic-merge-patch+json";
    await this.plane.json(`/api/v1/nodes/${node}`, { method: "PATCH", body, contentType });
  }

  async isCordoned(node: string): Promise<boolean> {
    const { spec } = (await this.plane.json(`/api/v1/nodes/${node}`)) as { spec: { unschedulable?: boolean } };
    return spec.unschedulable === true;
  }

  /** How many nodes the pool's target is to have now. */
  async asked(pool: string): Promise<number> {
    const { path } = this.groups.get(pool) ?? { path: "" };
    return ((await this.plane.json(path)) as { spec: { replicas: number } }).spec.replicas;
  }

  /** Resolves when so many nodes are asked for, with how long that took in milliseconds. */
  async untilAsked(pool: string, size: number): Promise<number> {
    const begun = performance.now();
    await vi.waitFor(async () => expect(await this.asked(pool)).toBe(size), { timeout: 30_000, interval: 3 });
    return performance.now() - begun;
  }

  /** What is told of a pool. */
  told(pool: string): CapacityEvent[] {
    return this.events.filter((event) => event.pool === this.nameOf(pool));
  }

  status(of: Deciding): Promise<ServiceStatus> {
    return of.bus.request(commands.autoscalerStatus, {});
  }

  standings(of: Deciding): Promise<PoolsReply> {
    return of.bus.request(commands.pools, {});
  }

  async #clear(): Promise<void> {
    for (const path of [`/api/v1/namespaces/${agents}/pods`, "/api/v1/nodes"])
      await this.plane.json(path, { method: "DELETE", body: { gracePeriodSeconds: 0 } });
    await this.plan(0);
    this.events.splice(0);
    this.groups.clear();
    await vi.waitFor(async () => {
      const { items } = (await this.plane.json("/api/v1/nodes")) as { items: unknown[] };
      expect(items).toEqual([]);
    }, patient);
  }
}

/** Leases are tried for often, so that no test waits a second for one; one that is believed in is had at once. */
function leaseOf(
  bus: Bus,
  {
    duty,
    more,
    believed,
  }: { duty: Parameters<Bus["lease"]>[0]; more: Parameters<Bus["lease"]>[1]; believed: Partial<Lease> | undefined },
): Lease {
  if (believed === undefined) return bus.lease(duty, { retryMs: 20, ...more });
  queueMicrotask(() => more?.onChange?.(true, "it is believed"));
  return { isHeld: () => true, held: Promise.resolve(), release: async () => undefined, ...believed };
}
