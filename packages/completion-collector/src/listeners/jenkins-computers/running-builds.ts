import type { RunningBuild } from "@kubestack/contracts";
import type { OpenBuild, Shown } from "../listener.ts";

/** A build on a node. */
export interface Placed {
  readonly node: string;
  readonly build: RunningBuild;
}

/** What changed between two readings. */
export interface Difference {
  readonly started: readonly Placed[];
  readonly finished: readonly Placed[];
}

/** Which builds run where, as the newest reading of each computer showed it. */
export class RunningBuilds {
  readonly #byNode = new Map<string, readonly RunningBuild[]>();
  readonly #readAt = new Map<string, number>();

  /** Begins anew with builds that were running, by what was told of them. */
  recall(open: readonly OpenBuild[]): void {
    this.#byNode.clear();
    this.#readAt.clear();
    for (const { node, build, at } of open) {
      this.#byNode.set(node, [...(this.#byNode.get(node) ?? []), build]);
      this.#readAt.set(node, Math.max(this.#readAt.get(node) ?? at, at));
    }
  }

  /** Compares a reading with what was known. A round also tells which nodes are gone; an older reading changes nothing. */
  differ(shown: Shown): Difference {
    const started: Placed[] = [];
    const finished: Placed[] = [];
    const isOld = (node: string): boolean => (this.#readAt.get(node) ?? Number.NEGATIVE_INFINITY) > shown.readAt;
    const compare = (node: string, builds: readonly RunningBuild[]): void => {
      if (isOld(node)) return;
      const before = this.#byNode.get(node) ?? [];
      started.push(...missingFrom(before, builds).map((build) => ({ node, build })));
      finished.push(...missingFrom(builds, before).map((build) => ({ node, build })));
      this.#byNode.set(node, builds);
      this.#readAt.set(node, shown.readAt);
    };
    for (const { name, builds } of shown.computers) compare(name, builds);
    if (shown.kind === "round") {
      const names = new Set(shown.computers.map(({ name }) => name));
      for (const node of [...this.#byNode.keys()].filter((name) => !names.has(name) && !isOld(name))) {
        compare(node, []);
        this.#byNode.delete(node);
        this.#readAt.delete(node);
      }
    }
    return { started, finished };
  }
}

/** Builds without an address are hidden from us: they can't be told apart, and are left out. */
function missingFrom(known: readonly RunningBuild[], builds: readonly RunningBuild[]): RunningBuild[] {
  return builds.filter(({ url }) => url !== "" && !known.some((other) => other.url === url));
}
