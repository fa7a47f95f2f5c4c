import type { NodeState, PodState, Pool } from "@kubestack/capacity";
import { numbers } from "../site.ts";
import type { Build } from "./builds.ts";

export const secondMs = 1000;
export const hourMs = 3600 * secondMs;
/** From the decision to launch a slave to its pod that the scheduler sees. */
const podMs = 2 * secondMs;
/** From a node for the pod to the build: image and agent. */
export const tickMs = 5 * secondMs;

/** A pool, and how the cloud treats it. */
export interface CloudPool extends Pool {
  /** How long a node takes from the ask to ready, least and most. */
  readonly bootMs: readonly [number, number];
  /** Hours of the day in which the cloud has none. */
  readonly outOfStock?: readonly [from: number, to: number];
  /** How likely a node is taken away in an hour. */
  readonly lossPerHour: number;
}

interface Machine {
  readonly name: string;
  readonly pool: CloudPool;
  readonly readyAt: number;
  isCordoned: boolean;
  readonly pods: Map<string, Running>;
}

interface Running {
  readonly build: Build;
  readonly endsAt: number;
}

/** What a day came to. */
export interface Outcome {
  readonly cost: number;
  /** Milliseconds from a build's coming to its node, each build's. */
  readonly waits: readonly number[];
  readonly idleNodeHours: number;
  readonly lost: number;
}

/** A cloud, a cluster and the builds of a day, in steps of some seconds. */
export class World {
  now = 0;
  readonly #pools: ReadonlyMap<string, CloudPool>;
  readonly #machines = new Map<string, Machine>();
  readonly #waiting: Build[] = [];
  readonly #coming: Build[];
  readonly #random = numbers(11);
  readonly #startHour: number;
  readonly #waits: number[] = [];
  #cost = 0;
  #idleMs = 0;
  #lost = 0;
  #made = 0;

  constructor(pools: readonly CloudPool[], builds: readonly Build[], startHour: number) {
    this.#pools = new Map(pools.map((pool) => [pool.name, pool]));
    this.#coming = builds.toReversed();
    this.#startHour = startHour;
  }

  /** Whether all builds are over. */
  get isOver(): boolean {
    return (
      this.#coming.length + this.#waiting.length === 0 &&
      [...this.#machines.values()].every(({ pods }) => pods.size === 0)
    );
  }

  get outcome(): Outcome {
    return { cost: this.#cost, waits: this.#waits, idleNodeHours: this.#idleMs / hourMs, lost: this.#lost };
  }

  /** A little later. */
  tick(): void {
    this.now += tickMs;
    while ((this.#coming.at(-1)?.at ?? Number.POSITIVE_INFINITY) <= this.now)
      this.#waiting.push(this.#coming.pop() as Build);
    for (const machine of this.#machines.values()) {
      this.#cost += (machine.pool.pricePerHour * tickMs) / hourMs;
      for (const [name, { endsAt }] of machine.pods) if (endsAt <= this.now) machine.pods.delete(name);
      if (machine.pods.size === 0) this.#idleMs += tickMs;
      if (machine.readyAt <= this.now && this.#random() < (machine.pool.lossPerHour * tickMs) / hourMs)
        this.#lose(machine);
    }
    this.#schedule();
  }

  /** So many nodes more; what the cloud has none of never comes. */
  ask(name: string, count: number): void {
    const pool = this.#pools.get(name);
    const hour = (this.#startHour + this.now / hourMs) % 24;
    const [from, to] = pool?.outOfStock ?? [0, 0];
    if (pool === undefined || (hour >= from && hour < to)) return;
    for (let one = 0; one < count; one += 1) {
      this.#made += 1;
      const [least, most] = pool.bootMs;
      const readyAt = this.now + least + this.#random() * (most - least);
      this.#machines.set(`n${this.#made}`, {
        name: `n${this.#made}`,
        pool,
        readyAt,
        isCordoned: false,
        pods: new Map(),
      });
    }
  }

  cordon(name: string, isCordoned: boolean): void {
    const machine = this.#machines.get(name);
    if (machine !== undefined) machine.isCordoned = isCordoned;
  }

  remove(name: string): void {
    if ((this.#machines.get(name)?.pods.size ?? 0) > 0) throw new Error(`node ${name} was removed with builds on it`);
    this.#machines.delete(name);
  }

  nodes(): NodeState[] {
    return [...this.#machines.values()].map(({ name, pool, readyAt, isCordoned }) => ({
      ...{ name, pool: pool.name, taints: pool.taints, isCordoned },
      labels: { ...pool.nodeLabels, "kubernetes.io/hostname": name },
      allocatable: pool.shape,
      isReady: readyAt <= this.now,
      createdAt: readyAt,
    }));
  }

  /** Those that the scheduler sees. */
  pods(): PodState[] {
    const waiting = this.#waiting.filter(({ at }) => at + podMs <= this.now).map((build) => this.#podOf(build, null));
    const running = [...this.#machines.values()].flatMap(({ name, pods }) =>
      [...pods.values()].map(({ build }) => this.#podOf(build, name)),
    );
    return [...waiting, ...running];
  }

  /** Slaves that are planned and have no pod yet. */
  planned(): Build[] {
    return this.#waiting.filter(({ at }) => at + podMs > this.now);
  }

  #podOf({ name, needs }: Build, node: string | null): PodState {
    return { name, namespace: "ci", kind: "slave", node, needs };
  }

  /** As Kubernetes does it where nothing else is said: to the node of which most is free. */
  #schedule(): void {
    const ready = [...this.#machines.values()].filter(({ readyAt, isCordoned }) => readyAt <= this.now && !isCordoned);
    const free = new Map(ready.map((machine) => [machine, freeOf(machine)]));
    for (const build of [...this.#waiting]) {
      if (build.at + podMs > this.now) continue;
      const { cpu = 0, memory = 0 } = build.needs.requests;
      const [best] = [...free]
        .filter(([, room]) => room.cpu >= cpu && room.memory >= memory)
        .sort(([, a], [, b]) => b.cpu - a.cpu);
      if (best === undefined) continue;
      const [machine, room] = best;
      room.cpu -= cpu;
      room.memory -= memory;
      machine.pods.set(build.name, { build, endsAt: this.now + build.ms });
      this.#waiting.splice(this.#waiting.indexOf(build), 1);
      this.#waits.push(this.now - build.at);
    }
  }

  /** Its builds begin anew; how long they wait is reckoned from then. */
  #lose(machine: Machine): void {
    this.#machines.delete(machine.name);
    for (const { build } of machine.pods.values()) {
      this.#lost += 1;
      this.#waiting.push({ ...build, name: `${build.name}x`, at: this.now });
    }
  }
}

function freeOf({ pool, pods }: Machine): { cpu: number; memory: number } {
  const room = { cpu: pool.shape.cpu ?? 0, memory: pool.shape.memory ?? 0 };
  for (const { build } of pods.values()) {
    room.cpu -= build.needs.requests.cpu ?? 0;
    room.memory -= build.needs.requests.memory ?? 0;
  }
  return room;
}
