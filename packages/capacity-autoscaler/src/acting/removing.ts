import type { Bus } from "@kubestack/bus";
import type { NodeLook, ScaleDownIntent } from "@kubestack/capacity";
import { commands, sentenceOf } from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import type { Timing } from "@kubestack/runtime";
import type { LeavingNode } from "../targets/target.ts";
import type { SlaveUses } from "../view/slave-uses.ts";
import { leavingAnnotation, podStateOf } from "../view/states.ts";
import type { PoolActor } from "./pool-actor.ts";

/** The same is not done again sooner, in milliseconds: what was done shows within this time, or is to be done again. */
const againMs = 5_000;

export interface RemovingOptions {
  readonly install: string;
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly timing: Timing;
  readonly slaves: SlaveUses;
  readonly actors: ReadonlyMap<string, PoolActor>;
  /** A node by all its names, as it was seen last. */
  readonly nodeOf: (name: string) => LeavingNode | undefined;
  readonly isHeld: () => boolean;
  /** Told of something that went wrong, by what it is of; an empty sentence: it is over. */
  readonly tell: (of: string, sentence: string) => void;
  /** Told that something is different. */
  readonly onNews: () => void;
}

/** Carries out what takes nodes away, each step as often as it is said, and never two at once of one node. */
export class Removing {
  readonly #options: RemovingOptions;
  readonly #looks = new Map<string, NodeLook>();
  /** Nodes with which something is done just now. */
  readonly #busy = new Map<string, Promise<void>>();
  /** When something was last done, by node and step, on the monotonic clock. */
  readonly #doneAt = new Map<string, number>();

  constructor(options: RemovingOptions) {
    this.#options = options;
  }

  /** The last look at each node that is still spoken of. */
  get looks(): ReadonlyMap<string, NodeLook> {
    return this.#looks;
  }

  /** `sizeOf`: how many nodes a pool is to have once those that are being removed are gone. */
  carryOut(intents: readonly ScaleDownIntent[], sizeOf: (pool: string) => number): void {
    const spoken = new Set(intents.map(({ node }) => node));
    for (const node of this.#looks.keys()) if (!spoken.has(node)) this.#looks.delete(node);
    for (const key of this.#doneAt.keys()) if (!spoken.has(key.split(" ")[1] ?? "")) this.#doneAt.delete(key);
    for (const intent of intents) if (intent.type !== "remove") this.#begin(intent, () => this.#step(intent));
    const removals = intents.filter(({ type }) => type === "remove");
    for (const [pool, its] of Map.groupBy(removals, (one) => one.pool)) this.#remove(pool, its, sizeOf(pool));
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  #isDue({ type, node }: ScaleDownIntent): boolean {
    const doneAt = this.#doneAt.get(`${type} ${node}`) ?? Number.NEGATIVE_INFINITY;
    // Each further look is asked for since the last one showed something.
    return type === "look" || this.#options.timing.monotonic() - doneAt >= againMs;
  }

  #begin(intent: ScaleDownIntent, act: () => Promise<void>): void {
    const { node, type } = intent;
    const { timing, tell } = this.#options;
    if (this.#busy.has(node) || !this.#isDue(intent)) return;
    this.#doneAt.set(`${type} ${node}`, timing.monotonic());
    const acting = act()
      .then(() => tell(`node ${node}`, ""))
      .catch((error: unknown) => tell(`node ${node}`, `node ${node} stays for now: ${sentenceOf(error)}`))
      .finally(() => this.#busy.delete(node));
    this.#busy.set(node, acting);
  }

  async #step(intent: Exclude<ScaleDownIntent, { type: "remove" }>): Promise<void> {
    const { cluster, bus, install, isHeld, onNews } = this.#options;
    const { node, reason } = intent;
    if (!isHeld()) return;
    if (intent.type === "look") {
      const at = bus.clock.now();
      const pods = await cluster.podsOnNode(node);
      this.#looks.set(node, { at, pods: pods.map((pod) => podStateOf(pod, install)) });
      onNews();
      return;
    }
    if (intent.type === "withdraw") return this.#withdraw(intent.slaves, `node ${node} leaves: ${reason}`);
    const isCordoned = intent.type === "cordon";
    await cluster.cordonNode(node, { isCordoned, annotations: { [leavingAnnotation]: isCordoned ? reason : null } });
  }

  /** By its own supervisor: marked, looked at twice, and gone; one that takes a build meanwhile ends it first. */
  async #withdraw(names: readonly string[], reason: string): Promise<void> {
    const { bus, slaves } = this.#options;
    for (const slave of names) {
      const master = slaves.of(slave)?.master;
      if (master !== undefined) await bus.request(commands.drainSlave, { master, slave, reason }, { master });
    }
  }

  #remove(pool: string, intents: readonly ScaleDownIntent[], size: number): void {
    const { actors, nodeOf, isHeld, timing, tell } = this.#options;
    const actor = actors.get(pool);
    const due = intents.filter((intent) => this.#isDue(intent));
    const nodes = due.flatMap(({ node }) => nodeOf(node) ?? []);
    if (actor === undefined || actor.isBusy || nodes.length === 0 || !isHeld()) return;
    for (const { node } of due) this.#doneAt.set(`remove ${node}`, timing.monotonic());
    const reason = due[0]?.reason ?? "";
    actor.begin(
      async (target) => {
        const { said } = await target.remove(nodes, { size, pods: [], reason });
        return { kind: "done", from: size + nodes.length, to: size, said };
      },
      (acted) => {
        if (acted.kind === "failed") tell(`pool ${pool}`, acted.because);
        else tell(`pool ${pool}`, "");
      },
    );
  }
}
