import type { Computer } from "@kubestack/contracts";
import type { Shown } from "../listener.ts";

/** Builds that are remembered at most: more than any fleet runs. */
const most = 20_000;

/** Where builds run, as readings of the master show it: notifications name no node. */
export class Places {
  readonly #nodes = new Map<string, string>();

  /** A round shows every build; a look shows some nodes. */
  saw({ kind, computers }: { kind: Shown["kind"]; computers: readonly Pick<Computer, "name" | "builds">[] }): void {
    if (kind === "round") this.#nodes.clear();
    for (const { name, builds } of computers)
      for (const { url } of builds) if (this.#nodes.size < most) this.#nodes.set(pathOf(url), name);
  }

  /** The node that was seen to run a build; undefined where nobody saw it. */
  nodeOf(url: string): string | undefined {
    return this.#nodes.get(pathOf(url));
  }
}

/** What is the same in an address by which people reach the master, and in the one by which we do. */
function pathOf(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : `/${url.replace(/^\/+/, "")}`;
  return path.slice(Math.max(0, path.indexOf("/job/")));
}
