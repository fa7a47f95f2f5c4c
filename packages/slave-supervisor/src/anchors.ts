import { type DemandSource, hasCode, sentenceOf } from "@kubestack/contracts";
import { anchorWork } from "./anchoring.ts";
import type { MasterScope } from "./master-scope.ts";

/** A master that refused is asked again after this time, in milliseconds. */
const retryMs = 60_000;

/**
 * Keeps two offline nodes that carry every served label. A Jenkins without nodes hides the label of a waiting pipeline
 * block, and one with a single node of a label names that node instead: with the anchors it always tells the label.
 */
export class Anchors {
  readonly #scope: MasterScope;
  readonly #labels: readonly string[];
  #working = false;
  #notBefore = 0;
  #isNeeded: boolean | undefined;

  constructor(scope: MasterScope) {
    this.#scope = scope;
    this.#labels = [...new Set(scope.options.templates.flatMap(({ labels }) => labels))].sort();
  }

  /** Takes in a whole round, and mends what is missing. */
  saw(source: DemandSource): void {
    const { options } = this.#scope;
    const { bus, install, log, name } = options;
    if (options.anchors === "off" || this.#labels.length === 0 || source.computers === undefined) return;
    const now = bus.clock.now();
    if (this.#isNeeded === false || this.#working || now < this.#notBefore) return;
    const { create, replace } = anchorWork(install, this.#labels, source.computers);
    if (create.length + replace.length === 0) return;
    this.#working = true;
    this.#mend(create, replace)
      .catch((error: unknown) => {
        this.#notBefore = now + retryMs;
        log.warn({ master: name }, `the anchors could not be made: ${sentenceOf(error)}`);
      })
      .finally(() => {
        this.#working = false;
      });
  }

  async #mend(create: readonly string[], replace: readonly string[]): Promise<void> {
    const { master } = this.#scope.options.target;
    // Hudson shows no labels anywhere and never hides a job's configuration: there the anchors would only stand about.
    this.#isNeeded ??= (await master.probe()).flavour === "jenkins";
    if (!this.#isNeeded) return;
    const { nodes } = this.#scope;
    const asOwner = async (work: () => Promise<unknown>) => void (this.#scope.isOwner() && (await work()));
    for (const name of replace) await nodes.run("remove", () => asOwner(() => master.deleteNode(name)));
    for (const name of [...replace, ...create]) await nodes.run("make", () => asOwner(() => this.#create(name)));
  }

  async #create(name: string): Promise<void> {
    const { target, log, name: master } = this.#scope.options;
    try {
      await target.master.createNode({
        name,
        description:
          "KubeStack's anchor: offline on purpose. It carries the labels that KubeStack serves, so that the queue shows which label a build waits for.",
        labels: this.#labels,
        executors: 1,
        remoteFs: "/nonexistent",
        mode: "EXCLUSIVE",
      });
      log.info({ master, node: name }, "anchor made");
    } catch (error) {
      if (!hasCode(error, "already-exists")) throw error;
    }
  }
}
