import type { TemplateConfig } from "@kubestack/templates";
import type { z } from "zod";
import { isJenkins, type MasterConfig } from "./master.ts";

/**
 * Reports templates whose `warm` can mean nothing: only a Jenkins whose agents are its nodes shows which slaves are idle. One that also
 * serves such a master keeps none at the others.
 */
export function keptIdle(
  { masters, templates }: { readonly masters: readonly MasterConfig[]; readonly templates: readonly TemplateConfig[] },
  context: z.RefinementCtx,
): void {
  for (const [at, { warm, masters: served, labels, unlabelled }] of templates.entries()) {
    const isParentOnly = labels.length === 0 && !unlabelled;
    if (warm === undefined || isParentOnly) continue;
    const its = masters.filter(({ name }) => served.includes("*") || served.includes(name));
    if (its.length === 0 || its.some((master) => isJenkins(master) && master.attach !== "self")) continue;
    const names = its.map(({ name }) => name).join(", ");
    context.addIssue({
      code: "custom",
      path: ["templates", at, "warm"],
      message: `can keep no slave idle: no master that it serves (${names}) shows which of its slaves are; remove it, or serve a Jenkins whose attach is inbound or swarm`,
    });
  }
}
