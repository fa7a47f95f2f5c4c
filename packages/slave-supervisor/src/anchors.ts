import { type DemandSource, hasCode, sentenceOf } from "@kubestack/contracts";
import { type AnchorWork, anchorWork, sizesSought } from "./anchoring.ts";
import { jenkinsOf } from "./attach/attach-mode.ts";
import type { MasterScope } from "./master-scope.ts";

/** A master that refused is asked again after this time, in milliseconds. */
const retryMs = 60_000;

/**
 * Keeps two offline nodes that carry every served label. A Jenkins without nodes hides the label of a waiting pipeline
 * block, and one with a single node of a label names that node instead: with the anchors it always tells the label.
 */
export class Anchors {
  readonly #scope: MasterScope;
  #working = false;
  #notBefore = 0;
  #isNeeded: boolean | undefined;
  /** When the last one was made or removed, in milliseconds of NATS's time: a round that was read before does not show it. */
  #mendedAt = Number.NEGATIVE_INFINITY;

  constructor(scope: MasterScope) {
    this.#scope = scope;
  }

  /** The labels that they are to carry after this round; none where no anchors are wanted. */
  #labels({ items, computers = [] }: DemandSource): readonly string[] {
    const { anchors, isListed, templates, install } = this.#scope.options;
    if (anchors === "off" || !isListed) return [];
    const sizes = sizesSought({ install, templates, items, computers });
    return [...new Set([...templates.flatMap(({ labels }) => labels), ...sizes])].sort();
  }

  /** The master is another one by now, or reached otherwise: whether it needs them is found out anew. */
  forget(): void {
    this.#isNeeded = undefined;
    this.#notBefore = 0;
  }

  /** Whether the newest round shows any of ours; `unknown` while the master does not answer, or no round shows what was just made. */
  present(now: number): "gone" | "there" | "unknown" {
    const { options, demand } = this.#scope;
    const { source } = demand;
    const isShown = !this.#working && (source?.readAt ?? 0) > this.#mendedAt;
    if (!isShown || !demand.isMasterKnown(now)) return "unknown";
    const { remove } = anchorWork(options.install, [], source?.computers ?? []);
    return remove.length > 0 ? "there" : "gone";
  }

  /** Takes in a whole round, and mends what is missing. */
  saw(source: DemandSource): void {
    const { options } = this.#scope;
    const { bus, install, log, name } = options;
    if (source.computers === undefined) return;
    const now = bus.clock.now();
    if (this.#isNeeded === false || this.#working || now < this.#notBefore) return;
    const labels = this.#labels(source);
    const work = anchorWork(install, labels, source.computers);
    if (work.create.length + work.replace.length + work.remove.length === 0) return;
    this.#working = true;
    this.#mend(work, labels)
      .catch((error: unknown) => {
        this.#notBefore = now + retryMs;
        log.warn({ master: name }, `the anchors could not be mended: ${sentenceOf(error)}`);
      })
      .finally(() => {
        this.#mendedAt = bus.clock.now();
        this.#working = false;
      });
  }

  async #mend({ create, replace, remove }: AnchorWork, labels: readonly string[]): Promise<void> {
    const master = jenkinsOf(this.#scope.options.target);
    // Hudson shows no labels anywhere and never hides a job's configuration: there the anchors would only stand about.
    this.#isNeeded ??= (await master.probe()).flavour === "jenkins";
    if (!this.#isNeeded) return;
    const { nodes } = this.#scope;
    const asOwner = async (work: () => Promise<unknown>) => void (this.#scope.isOwner() && (await work()));
    for (const name of [...remove, ...replace]) await nodes.run("remove", () => asOwner(() => master.deleteNode(name)));
    for (const name of [...replace, ...create])
      await nodes.run("make", () => asOwner(() => this.#create(name, labels)));
  }

  async #create(name: string, labels: readonly string[]): Promise<void> {
    const { target, log, name: master } = this.#scope.options;
    try {
      await jenkinsOf(target).createNode({
        name,
        description:
          "KubeStack's anchor: offline on purpose. It carries the labels that KubeStack serves, so that the queue shows which label a build waits for.",
        labels,
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
