import { setTimeout as pause } from "node:timers/promises";
import type { ClusterClient } from "../kubernetes/cluster-client.ts";
import { type FakeNode, fakeNodeObject } from "../kwok/fake-node.ts";
import { machineGroup, machineVersion } from "./machine-kinds.ts";

/** How a group brings its nodes up. */
export interface MachineBehaviour {
  /** From being asked to the node's being there. Default 0. */
  readonly delayMs?: number | undefined;
  /** It never has more than these, whatever it is asked for. Default: any number. */
  readonly mostNodes?: number | undefined;
}

export interface MachineGroupOptions extends MachineBehaviour {
  readonly plane: ClusterClient;
  /** Where its object and its machines are; must exist. */
  readonly namespace: string;
  /** Of its object; its nodes are named after it. */
  readonly name: string;
  /** What each of its nodes is. */
  readonly node: Omit<FakeNode, "name">;
  /** On its object. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** A MachineDeployment, and what Cluster API does for it: nodes come, and go. Kwok makes the nodes ready. */
export interface MachineGroup {
  /** Of its object. */
  readonly path: string;
  /** Names of the nodes that it has made and not taken away. */
  nodes(): readonly string[];
  /** How it goes on. */
  behave(behaviour: MachineBehaviour): void;
  /** Takes a node away, as a cloud takes a spot instance. */
  lose(node: string): Promise<void>;
  /** Ends its controller; its object and its nodes stay. */
  stop(): Promise<void>;
}

interface Raw {
  readonly spec?: { readonly replicas?: number };
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}

const lookMs = 20;
const deleteMark = `${machineGroup}/delete-machine`;

/** Makes a group without nodes, and brings up and takes away its nodes until it is stopped. The machines' kinds must be there. */
export async function startMachineGroup(options: MachineGroupOptions): Promise<MachineGroup> {
  const { plane, namespace, name, annotations } = options;
  const base = `/apis/${machineGroup}/${machineVersion}/namespaces/${namespace}`;
  const path = `${base}/machinedeployments/${name}`;
  const body = {
    apiVersion: `${machineGroup}/${machineVersion}`,
    kind: "MachineDeployment",
    metadata: { name, annotations },
    spec: { replicas: 0 },
  };
  await plane.json(`${base}/machinedeployments`, { method: "POST", body });
  const group = new Controller({ options, base, path });
  const running = group.run();
  return {
    path,
    nodes: () => group.nodes(),
    behave: (behaviour) => group.behave(behaviour),
    lose: (node) => group.lose(node),
    stop: async () => {
      group.end();
      await running;
    },
  };
}

interface Place {
  readonly options: MachineGroupOptions;
  /** The path of its namespace. */
  readonly base: string;
  /** That of its object. */
  readonly path: string;
}

class Controller {
  readonly #of: Place;
  #behaviour: MachineBehaviour;
  readonly #nodes = new Set<string>();
  /** When each node that was asked for comes, by the monotonic clock. */
  #coming: number[] = [];
  #made = 0;
  #told = -1;
  #isEnded = false;

  constructor(of: Place) {
    this.#of = of;
    this.#behaviour = of.options;
  }

  nodes(): readonly string[] {
    return [...this.#nodes];
  }

  behave(behaviour: MachineBehaviour): void {
    this.#behaviour = behaviour;
  }

  end(): void {
    this.#isEnded = true;
  }

  async run(): Promise<void> {
    while (!this.#isEnded) {
      // An API server that is away is tried again.
      await this.#pass().catch(() => undefined);
      await pause(lookMs);
    }
  }

  async lose(node: string): Promise<void> {
    const { plane } = this.#of.options;
    await plane.call(`/api/v1/nodes/${node}`, { method: "DELETE" });
    await plane.call(`${this.#of.base}/machines/${node}`, { method: "DELETE" });
    this.#nodes.delete(node);
  }

  async #pass(): Promise<void> {
    const { plane } = this.#of.options;
    const { spec } = (await plane.json(this.#of.path)) as Raw;
    const { delayMs = 0, mostNodes = Number.POSITIVE_INFINITY } = this.#behaviour;
    const wanted = Math.min(spec?.replicas ?? 0, mostNodes);
    const now = performance.now();
    while (this.#nodes.size + this.#coming.length < wanted) this.#coming.push(now + delayMs);
    while (this.#nodes.size + this.#coming.length > wanted && this.#coming.length > 0) this.#coming.pop();
    const due = this.#coming.filter((at) => at <= now).length;
    this.#coming = this.#coming.filter((at) => at > now);
    await Promise.all(Array.from({ length: due }, () => this.#make()));
    if (this.#nodes.size > wanted) await this.#shrink(this.#nodes.size - wanted);
    if (this.#told === this.#nodes.size) return;
    const status = { status: { replicas: this.#nodes.size } };
    const contentType = "application/merge-patch+json";
    await plane.json(`${this.#of.path}/status`, { method: "PATCH", body: status, contentType });
    this.#told = this.#nodes.size;
  }

  async #make(): Promise<void> {
    const { plane, name, namespace, node } = this.#of.options;
    this.#made += 1;
    const one = `${name}-${this.#made}`;
    this.#nodes.add(one);
    const object = fakeNodeObject({ ...node, name: one }) as { metadata: { annotations: object } };
    const annotations = {
      ...object.metadata.annotations,
      [`${machineGroup}/machine`]: one,
      [`${machineGroup}/cluster-namespace`]: namespace,
    };
    const machine = { apiVersion: `${machineGroup}/${machineVersion}`, kind: "Machine", metadata: { name: one } };
    await plane.json(`${this.#of.base}/machines`, { method: "POST", body: machine });
    const body = { ...object, metadata: { ...object.metadata, annotations } };
    await plane.json("/api/v1/nodes", { method: "POST", body });
  }

  /** Those that are marked go first, then the newest, as Cluster API does by default at random. */
  async #shrink(count: number): Promise<void> {
    const { plane } = this.#of.options;
    const { items } = (await plane.json(`${this.#of.base}/machines`)) as { items: readonly Raw[] };
    const isMarked = new Set(
      items.flatMap(({ metadata }) => (metadata.annotations?.[deleteMark] === undefined ? [] : [metadata.name])),
    );
    const order = [...this.#nodes].reverse();
    const going = [...order.filter((one) => isMarked.has(one)), ...order.filter((one) => !isMarked.has(one))];
    for (const one of going.slice(0, count)) await this.lose(one);
  }
}
