import type { PodObservation } from "@kubestack/kubernetes";
import type { ControlPlane, Kwok } from "@kubestack/real-parts";
import { patiently } from "./patience.ts";
import type { PodWatch } from "./pod-watch.ts";
import { failPod } from "./pods.ts";

export const machineNames = ["node-1", "node-2", "node-3"] as const;

/** The API server may be away at the time: it is tried so often, with a pause between two tries. */
const patience = { tries: 60, againMs: 1_000 };

export interface MachinesOptions {
  readonly plane: ControlPlane;
  readonly kwok: Kwok;
  readonly watch: PodWatch;
}

/** The cluster's machines, which may be lost with all that runs there. */
export class Machines {
  readonly #options: MachinesOptions;
  /** Machines that are lost, with the pods that were seen there since, by uid: one that is sent there may be gone again before the end. */
  readonly #down = new Map<string, Map<string, PodObservation>>();
  /** Pods whose processes are gone, by their uids, whatever the cluster still says of them. */
  readonly #dead = new Set<string>();

  constructor(options: MachinesOptions) {
    this.#options = options;
    options.watch.onChange(() => {
      for (const [name, lost] of this.#down) for (const pod of this.#on(name)) lost.set(pod.uid, pod);
    });
  }

  /** Whether the pod's processes are gone with its machine. */
  isDead({ uid, nodeName }: PodObservation): boolean {
    return this.#dead.has(uid) || (nodeName !== null && this.#down.has(nodeName));
  }

  /** Takes the machine away at once. Returns the pods that ran there. */
  async lose(name: string): Promise<PodObservation[]> {
    const lost = this.#bury(name);
    this.#down.set(name, new Map());
    await patiently(() => once(() => this.#options.kwok.removeNode(name)), patience);
    return lost;
  }

  /** The machine comes back and finds that nothing runs there. Returns the pods that were sent to it meanwhile, too. */
  async giveBack(name: string): Promise<PodObservation[]> {
    const there = this.#bury(name);
    await patiently(() => once(() => this.#options.kwok.addNodes([{ name }])), patience);
    const sent = this.#down.get(name) ?? new Map<string, PodObservation>();
    this.#down.delete(name);
    const lost = [...new Map([...sent, ...there.map((pod) => [pod.uid, pod] as const)]).values()];
    for (const pod of there) await failPod(this.#options.plane, pod).catch(() => undefined); // gone meanwhile
    return lost;
  }

  #bury(name: string): PodObservation[] {
    const there = this.#on(name);
    for (const { uid } of there) this.#dead.add(uid);
    return there;
  }

  #on(name: string): PodObservation[] {
    return this.#options.watch.all().filter(({ nodeName }) => nodeName === name);
  }
}

/** What an earlier try did, whose answer was lost, is done. */
async function once(act: () => Promise<unknown>): Promise<void> {
  await act().catch((error: unknown) => {
    if (!(error instanceof Error && / was answered (404|409)/.test(error.message))) throw error;
  });
}
