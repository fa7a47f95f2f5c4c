import type { z } from "zod";

/** Two pools of the same labels would have the same nodes. */
export function sameNodes(labels: unknown): unknown {
  if (typeof labels !== "object" || labels === null) return undefined;
  return JSON.stringify(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** Reports templates that name a pool that the file has not. What they look at may be anything. */
export function unknownPools(
  { templates, nodePools }: { readonly templates: unknown; readonly nodePools: unknown },
  context: z.RefinementCtx,
): void {
  if (!Array.isArray(templates)) return;
  const names = new Set<unknown>((Array.isArray(nodePools) ? nodePools : []).map((pool) => pool?.name).filter(Boolean));
  const known = names.size === 0 ? "it has none" : [...names].join(", ");
  for (const [at, template] of templates.entries()) {
    if (!Array.isArray(template?.pools)) continue;
    for (const [position, name] of template.pools.entries()) {
      if (names.has(name)) continue;
      const message = `names no node pool of this file (${known}); correct it, or add the pool to nodePools`;
      context.addIssue({ code: "custom", path: ["templates", at, "pools", position], message });
    }
  }
}
