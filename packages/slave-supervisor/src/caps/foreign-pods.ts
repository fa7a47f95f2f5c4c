import { type Amounts, KubestackError, podRequests } from "@kubestack/contracts";
import { sumOf } from "@kubestack/demand";
import {
  type Connection,
  managedSelector,
  type ObjectSource,
  type RawObject,
  watchObjects,
} from "@kubestack/kubernetes";

/** Every pod of the Kubernetes plugin carries this label, whatever its template says; a template of ours may, too. */
const selector = `jenkins/label,${managedSelector.replace("=", "!=")}`;

const over: readonly unknown[] = ["Succeeded", "Failed"];

/** What a pod counts under caps; null for one that is over. */
export function countedPod(pod: RawObject): Amounts | null {
  const { phase } = (pod.status ?? {}) as { readonly phase?: unknown };
  if (over.includes(phase)) return null;
  const { cpu = 0, memory = 0 } = podRequests(pod.spec);
  return { slaves: 1, cpu, memory };
}

export interface ForeignPodsOptions {
  readonly cluster: Connection;
  readonly namespace: string;
  readonly onError: (error: unknown) => void;
}

/** The pods that masters' own Kubernetes plugin has in the agents' namespace, where they are to count under what all masters share. */
export class ForeignPods {
  readonly #options: ForeignPodsOptions;
  #pods: ObjectSource<Amounts> | undefined;
  #isKnown = false;

  constructor(options: ForeignPodsOptions) {
    this.#options = options;
  }

  /** Whether they count from now on. */
  count(areCounted: boolean): void {
    if (areCounted === (this.#pods !== undefined)) return;
    void this.stop();
    if (!areCounted) return;
    const { cluster, namespace, onError } = this.#options;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
    const pods = watchObjects({ cluster, path, labelSelector: selector, project: countedPod, onError });
    this.#pods = pods;
    pods.synced.then(
      () => {
        if (this.#pods === pods) this.#isKnown = true;
      },
      () => undefined,
    );
  }

  /** What they ask for; undefined where they do not count. Raises where nobody knows yet: that is not nothing. */
  used(): Amounts | undefined {
    if (this.#pods === undefined) return undefined;
    if (!this.#isKnown)
      throw new KubestackError(
        "cluster-unavailable",
        "The pods of the Kubernetes plugin are not read yet, and count under limits (limits.countForeign): nothing is launched before.",
      );
    return sumOf(this.#pods.all());
  }

  async stop(): Promise<void> {
    const pods = this.#pods;
    this.#pods = undefined;
    this.#isKnown = false;
    await pods?.stop();
  }
}
