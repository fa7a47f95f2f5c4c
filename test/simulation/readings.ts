import type { Work } from "@kubestack/jenkins-simulator";
import type { Site } from "./site.ts";

/** What the master's answers showed, whoever asked: what none of them did can be known to nobody. */
export class Readings {
  readonly #site: Site;
  /** Nodes that were shown with a build. */
  readonly #atWork = new Set<string>();
  /** What was listed in the queue; not by the items' ids, which a crash of the master gives out anew. */
  readonly #listed = new Set<Work>();

  /** Follows all readings of whole fleets and queues from now on. A master with faults of its own is not for this. */
  constructor(site: Site) {
    this.#site = site;
    site.masterFault = (request) => {
      const { pathname } = new URL(request.slice(request.indexOf(" ") + 1));
      if (pathname === "/computer/api/json") this.#noteBuilds();
      if (pathname === "/queue/api/json") this.#noteItems();
      return undefined;
    };
  }

  /**
   * Whether a slave ran builds, and nobody can know: no answer showed one of them on it, nor the item of one in the queue. A
   * pipeline's item leads to no node, so that being listed tells nothing of where its block ran.
   */
  isUnseen(name: string): boolean {
    const ran = this.#site.jenkins.core
      .works()
      .filter(({ node, startedAtMs }) => node === name && startedAtMs !== null);
    const isTold = ran.some((work) => work.part === "" && this.#listed.has(work));
    return ran.length > 0 && !this.#atWork.has(name) && !isTold;
  }

  /** Slaves that ran builds of which nobody can know: each is counted by the services as if it had run none. */
  get unseen(): number {
    return this.#site.records.filter(({ name, life }) => life.outcome !== "served" && this.isUnseen(name)).length;
  }

  #noteBuilds(): void {
    for (const { name, executors } of this.#answering()?.nodes.values() ?? [])
      if (executors.some(({ work, hasPicked }) => work !== null && hasPicked)) this.#atWork.add(name);
  }

  #noteItems(): void {
    if (this.#answering() !== undefined) for (const { work } of this.#site.jenkins.core.items()) this.#listed.add(work);
  }

  /** The master as it answers now; undefined while it is not ready to. */
  #answering() {
    const { core } = this.#site.jenkins;
    core.advanceTo(this.#site.time.wallClock);
    return core.state.phase === "running" ? core.state : undefined;
  }
}
