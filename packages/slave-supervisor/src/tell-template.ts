import { KubestackError, type RunningTemplate } from "@kubestack/contracts";
import { masterPart } from "@kubestack/slave";
import { settingsOf, specimenName, specimenOf } from "@kubestack/templates";
import type { MasterScope } from "./master-scope.ts";

/** Tells what the next slave of a template is made of. Neither the master nor the cluster is asked. */
export function tellTemplate(scope: MasterScope, { template: asked }: { readonly template: string }): RunningTemplate {
  const { install, namespace, name: master, attach, target, templates } = scope.options;
  if (!scope.isOwner()) throw new KubestackError("not-owner", `Master ${master} is supervised by another process.`);
  const template = templates.find((one) => one.name === asked);
  if (template === undefined) return { template: null };
  const name = specimenName(masterPart(master));
  const agent = attach.agentSpecimen({ master, name }, target);
  const pod = specimenOf(template, { install, namespace, master, name, agent });
  return {
    template: JSON.parse(JSON.stringify({ pod, settings: settingsOf(template) })) as RunningTemplate["template"],
  };
}
