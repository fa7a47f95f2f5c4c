import { type DemandSource, sentenceOf } from "@kubestack/contracts";
import type { PodObservation } from "@kubestack/kubernetes";
import { parseSlaveName } from "@kubestack/slave";
import { annotationNames } from "@kubestack/templates";
import type { MasterScope } from "./master-scope.ts";

/**
 * Removes what a late request of an earlier owner left of a slave that is over: a pod that was created, or a node that was
 * made, after the slave's number had left the ledger. The ledger alone tells: of its own epoch, a number that was granted
 * and does not live any more is burnt. Anything else, of other installations or of other epochs, is never touched.
 */
export class Strays {
  readonly #scope: MasterScope;
  readonly #going = new Set<string>();

  constructor(scope: MasterScope) {
    this.#scope = scope;
  }

  /** Takes in the nodes of a whole round. One that runs something is left, whatever the ledger says. */
  sawRound(source: DemandSource): void {
    const { options, nodes } = this.#scope;
    const { attach, target, name: master } = options;
    for (const { name, online, idle } of source.computers ?? []) {
      const slave = parseSlaveName(master, name);
      if (slave === undefined || online || !idle || !this.#isBurnt(slave)) continue;
      this.#remove(`node ${name}`, () =>
        nodes.run("remove", async () => {
          if (this.#scope.isOwner()) await attach.removeNode({ name }, target);
        }),
      );
    }
  }

  /** Takes in the pods that the shared watch holds now. */
  sawPods(pods: readonly PodObservation[]): void {
    const { cluster, namespace } = this.#scope.options;
    for (const { name, uid, annotations, deletionTimestamp } of pods) {
      const slave = this.#slaveOf(annotations);
      if (slave === undefined || deletionTimestamp !== null || !this.#isBurnt(slave)) continue;
      this.#remove(`pod ${name}`, () => cluster.deletePod(namespace, name, { uid, graceSeconds: 1 }));
    }
  }

  #slaveOf(annotations: Readonly<Record<string, string>>): { epoch: string; number: number } | undefined {
    const { install, name } = this.#scope.options;
    if (annotations[annotationNames.install] !== install || annotations[annotationNames.master] !== name)
      return undefined;
    const number = Number(annotations[annotationNames.number]);
    return Number.isSafeInteger(number) ? { epoch: annotations[annotationNames.epoch] ?? "", number } : undefined;
  }

  #isBurnt({ epoch, number }: { epoch: string; number: number }): boolean {
    const ledger = this.#scope.ledger?.ledger;
    if (ledger === undefined || epoch !== ledger.epoch || number >= ledger.next) return false;
    return !ledger.live.some((living) => living.number === number);
  }

  #remove(what: string, remove: () => Promise<unknown>): void {
    if (this.#going.has(what) || !this.#scope.isOwner()) return;
    this.#going.add(what);
    const { log, name: master } = this.#scope.options;
    log.warn({ master }, `${what} belongs to a slave that is over: it is removed`);
    remove()
      .catch((error: unknown) => log.warn({ master }, `${what} could not be removed: ${sentenceOf(error)}`))
      .finally(() => this.#going.delete(what));
  }
}
