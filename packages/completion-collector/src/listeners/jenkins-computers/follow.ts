import { hasCode } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { LeftItem } from "./left-items.ts";
import type { Placed } from "./running-builds.ts";

/** What became of an item that left the queue. */
export type Fate =
  /** A build that is over already. */
  | { readonly kind: "over"; readonly placed: Placed; readonly result: string | null }
  /** Nothing to be told: it was cancelled, runs where readings will show it, or on a node that is not named. */
  | { readonly kind: "settled" }
  /** It waits again, or its build is too young to tell. */
  | { readonly kind: "open" }
  /** This master does not tell what becomes of its items. */
  | { readonly kind: "untold" };

/** A build that names no node is asked for this often before it is taken for a pipeline's. */
const namelessTries = 2;

/** Asks the master where an item went, and what became of its build. Raises what the master's answers raise. */
export async function followItem(
  master: Pick<Master, "readQueueItem" | "readBuild">,
  { id, asked }: Pick<LeftItem, "id" | "asked">,
): Promise<Fate> {
  const went = await master.readQueueItem(id);
  if (went === null) return { kind: "untold" };
  if (went.kind !== "build") return { kind: went.kind === "waiting" ? "open" : "settled" };
  try {
    const { building, builtOn, result } = await master.readBuild(went.url);
    // A pipeline runs on several nodes and names none; a build of a moment ago does not name its one yet.
    if (builtOn === null) return { kind: asked < namelessTries ? "open" : "settled" };
    if (building) return { kind: "open" };
    // The master's own executors are nobody's slaves.
    if (builtOn === "") return { kind: "settled" };
    return { kind: "over", placed: { node: builtOn, build: { url: went.url, number: went.number, item: id } }, result };
  } catch (error) {
    if (hasCode(error, "not-found", "master-refused")) return { kind: "settled" };
    throw error;
  }
}
