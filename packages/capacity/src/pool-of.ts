import type { Pool } from "./pool.ts";

/** The pool that a node with such labels belongs to: of several, the one that is known by the most of them. Null where it is no pool's. */
export function poolOf(
  labels: Readonly<Record<string, string>>,
  pools: readonly Pick<Pool, "name" | "nodeLabels">[],
): string | null {
  const able = pools.filter(({ nodeLabels }) => {
    const entries = Object.entries(nodeLabels);
    return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
  });
  const most = Math.max(...able.map(({ nodeLabels }) => Object.keys(nodeLabels).length));
  return able.find(({ nodeLabels }) => Object.keys(nodeLabels).length === most)?.name ?? null;
}
