import { createHash } from "node:crypto";
import type { Completion } from "@kubestack/contracts";
import type { OpenBuild } from "./listeners/listener.ts";

/** What makes a fact: the same build reaches each phase on a node once. */
export function factOf({ phase, build, node }: Pick<Completion, "phase" | "build" | "node">): string {
  return `${phase} ${node ?? "?"} ${build.url}`;
}

/** Ids of messages are no longer than this, and of one line; a build's address may be anything. */
const longestId = 512;
const isLine = /^\P{Cc}*$/u;

/** The id of a fact's message: whoever finds the fact, it is kept once. */
export function idOf(master: string, fact: string): string {
  const id = `${master}/${fact}`;
  return id.length <= longestId && isLine.test(id)
    ? id
    : `${master}/${createHash("sha256").update(fact).digest("hex")}`;
}

/** The builds that were told to have started and not to be over, of facts in the order of their telling. */
export function openBuilds(facts: readonly Completion[]): OpenBuild[] {
  const open = new Map<string, OpenBuild>();
  for (const { phase, node, build, at } of facts) {
    if (node === null) continue;
    const key = `${node} ${build.url}`;
    if (phase === "started") open.set(key, { node, build, at });
    else if (phase === "finished") open.delete(key);
  }
  return [...open.values()];
}
