import { keys, type SlaveRecord } from "@kubestack/contracts";
import { type Cluster, connectCluster, watchPods } from "@kubestack/kubernetes";
import { type ControlPlane, startControlPlane } from "@kubestack/real-parts";
import type { TemplateConfig } from "@kubestack/templates";
import { afterAll, beforeAll, expect } from "vitest";
import { type Bed, type Process, until } from "./bed.fixture.ts";
import { mirrored } from "./mirrored-cluster.fixture.ts";
import { type Mortal, supervise, TestLease, type World } from "./world.fixture.ts";

/** What a test does to pods of a namespace, as a kubelet would. */
export type Kubelet = (world: World, namespace: string, cluster: Cluster) => { stop(): void };

export interface MirroredOptions {
  readonly templates: readonly TemplateConfig[];
  /** A machine that pods may be taken to. Default: none. */
  readonly machine?: string;
  /** Default: nobody does anything besides what the world's moments do. */
  readonly kubelet?: Kubelet;
}

/** A real API server with its controller manager, and worlds that each mirror a namespace of it. There is no kubelet. */
export class MirroredSites {
  readonly #bed: Bed;
  readonly #options: MirroredOptions;
  #plane: ControlPlane | undefined;
  #cluster: Cluster | undefined;

  constructor(bed: Bed, options: MirroredOptions) {
    this.#bed = bed;
    this.#options = options;
    beforeAll(async () => {
      this.#plane = await startControlPlane();
      this.#cluster = connectCluster({ kind: "kubeconfig", path: this.plane.adminKubeconfig, qps: 500, burst: 500 });
      const { machine: name } = options;
      if (name !== undefined) await this.plane.json("/api/v1/nodes", { method: "POST", body: { metadata: { name } } });
    });
    afterAll(async () => {
      await this.#cluster?.close();
      await this.#plane?.stop();
    });
  }

  get plane(): ControlPlane {
    if (this.#plane === undefined) throw new RangeError("The test's cluster does not run yet.");
    return this.#plane;
  }

  get cluster(): Cluster {
    if (this.#cluster === undefined) throw new RangeError("The test is not connected to its cluster yet.");
    return this.#cluster;
  }

  /** A namespace of the real cluster, which a world mirrors, and how supervisors come to it. */
  async site() {
    const { templates, kubelet } = this.#options;
    const bed = this.#bed;
    const { cluster, plane } = this;
    const world = bed.newWorld();
    const namespace = world.name;
    await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: namespace } } });
    // Until its service account is there no pod is taken.
    await until(() =>
      expect(plane.json(`/api/v1/namespaces/${namespace}/serviceaccounts/default`)).resolves.toBeDefined(),
    );
    const mirror = mirrored(world, cluster, namespace);
    bed.ends.push(() => mirror.stop());
    const machines = kubelet?.(world, namespace, cluster);
    bed.ends.push(() => machines?.stop());
    const pods = watchPods({ cluster, namespace });
    bed.ends.push(() => pods.stop());
    await bed.collected(world);
    const supervised = (process: Process, mortal: Mortal) => {
      const lease = new TestLease();
      const parts = { service: process.service, bus: lease.over(mortal.bus(process.bus)) };
      const supervisor = supervise(world, parts, { ...mortal.over(world, cluster), namespace, pods, templates });
      // One that is dead never ends its work.
      bed.ends.push(() => void supervisor.stop());
      lease.give();
      return { supervisor, lease };
    };
    return { world, namespace, supervised };
  }

  /** The record of the only slave of a world. */
  async recordOf(world: World): Promise<SlaveRecord | undefined> {
    const [entry] = await this.#bed.one.bus.slaves.list(keys.slavesOf(world.name));
    return entry?.value;
  }
}
