import type { PodObservation } from "@kubestack/kubernetes";
import type { Machines } from "./machines.ts";
import type { ChaosMaster } from "./masters.ts";
import { masterOf, type PodWatch, slaveOf } from "./pod-watch.ts";

/** Everything is looked at again at least so often, in milliseconds: a node or a master may have come without news of a pod. */
const lookMs = 200;

interface AgentsOptions {
  readonly watch: PodWatch;
  readonly masters: ReadonlyMap<string, ChaosMaster>;
  readonly machines: Machines;
}

/**
 * What runs in the pods: kwok only says that they run. An agent connects while its pod runs, its Secret is there and its
 * node stands at its master, and goes with its pod.
 */
export class Agents {
  readonly #watch: PodWatch;
  readonly #masters: ReadonlyMap<string, ChaosMaster>;
  readonly #machines: Machines;
  /** The pod behind each connected node, by the node's name. */
  readonly #connected = new Map<string, { readonly uid: string; readonly master: ChaosMaster }>();
  readonly #timer: NodeJS.Timeout;

  constructor({ watch, masters, machines }: AgentsOptions) {
    this.#watch = watch;
    this.#masters = masters;
    this.#machines = machines;
    watch.onChange(() => this.#look());
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const running = this.#watch.all().filter((pod) => mayRun(pod) && !this.#machines.isDead(pod));
    const uids = new Set(running.map(({ uid }) => uid));
    for (const [name, { uid, master }] of this.#connected)
      if (!uids.has(uid)) {
        this.#connected.delete(name);
        master.jenkins.core.disconnect(name);
      }
    for (const pod of running) this.#connect(pod);
  }

  #connect(pod: PodObservation): void {
    const slave = slaveOf(pod);
    const master = this.#masters.get(masterOf(pod));
    if (master === undefined || !this.#watch.hasSecret(slave)) return;
    const { core } = master.jenkins;
    const node = core.state.nodes.get(slave);
    if (node === undefined || node.connectedAtMs !== null || core.state.phase !== "running") return;
    this.#connected.set(slave, { uid: pod.uid, master });
    core.connect(slave);
  }
}

function mayRun({ phase, deletionTimestamp }: PodObservation): boolean {
  return phase === "Running" && deletionTimestamp === null;
}
