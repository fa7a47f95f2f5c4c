import type { TemplateConfig } from "@kubestack/templates";
import type { z } from "zod";
import { isJenkins, type MasterConfig } from "./master.ts";

/**
 * Reports templates whose `relaunch` can't be kept at a master that they serve: only a node that KubeStack makes itself outlives
 * its agent. The Swarm plugin's goes with its agent's connection, and where slaves attach by themselves there is none.
 */
export function relaunched(
  { masters, templates }: { readonly masters: readonly MasterConfig[]; readonly templates: readonly TemplateConfig[] },
  context: z.RefinementCtx,
): void {
  for (const [at, { relaunch, masters: served, labels, unlabelled }] of templates.entries()) {
    const isParentOnly = labels.length === 0 && !unlabelled;
    if (relaunch === undefined || isParentOnly) continue;
    const others = masters.filter(
      (master) =>
        (served.includes("*") || served.includes(master.name)) && !(isJenkins(master) && master.attach === "inbound"),
    );
    if (others.length === 0) continue;
    const names = others.map(({ name, attach }) => `${name}: ${attach}`).join(", ");
    context.addIssue({
      code: "custom",
      path: ["templates", at, "relaunch"],
      message: `needs masters whose attach is inbound, since only their nodes outlive an agent (${names}); leave relaunch out, or keep the template to others by its masters`,
    });
  }
}
