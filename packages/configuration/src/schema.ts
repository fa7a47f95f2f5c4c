import { apiAddressSchema } from "@kubestack/api/config";
import { natsConfigSchema } from "@kubestack/bus/config";
import { capacitySchema, nodePoolSchema } from "@kubestack/capacity-autoscaler/config";
import { entityName } from "@kubestack/contracts";
import { hooksAddressSchema } from "@kubestack/hooks/config";
import { kubernetesConfig } from "@kubestack/kubernetes/config";
import { listenSchema } from "@kubestack/metrics/config";
import { logLevels } from "@kubestack/runtime";
import { limitsSchema } from "@kubestack/slave-supervisor/config";
import {
  betweenTemplates,
  launchFaults,
  onPools,
  templateEntrySchema,
  templateSourcesSchema,
  templatesOf,
} from "@kubestack/templates/config";
import { z } from "zod";
import { keptIdle } from "./kept-idle.ts";
import { masterSchema } from "./master.ts";
import { sameNodes, unknownPools } from "./node-pools.ts";
import { relaunched } from "./relaunched.ts";
import { alwaysChecked, sameAddress, sameText, unlike } from "./unlike.ts";

/** The whole configuration. */
export const configurationSchema = z
  .strictObject({
    /** Marks everything that is ours; default: a hash of the namespace's uid and the masters' names. */
    install: entityName
      .regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/, "must be 1 to 63 of A-Z, a-z, 0-9 and _.-; correct it")
      .optional(),
    nats: natsConfigSchema.prefault({}),
    kubernetes: kubernetesConfig,
    listen: listenSchema.extend({ hooks: hooksAddressSchema, api: apiAddressSchema }).prefault({}),
    limits: limitsSchema.prefault({}),
    masters: z
      .array(masterSchema, { error: "must be a list of masters; name at least one" })
      .min(1, "must name at least one master")
      .superRefine((masters, context) => {
        unlike(masters, { key: "name", same: sameText }, context);
        unlike(masters, { key: "url", same: sameAddress }, context);
      }, alwaysChecked),
    templates: z
      .array(templateEntrySchema, { error: "must be a list of templates; name at least one" })
      .min(1, "must name at least one template")
      .superRefine((templates, context) => {
        unlike(templates, { key: "name", same: sameText }, context);
        if (Array.isArray(templates)) tell(betweenTemplates(templates), context);
      }, alwaysChecked)
      .superRefine((templates, context) => tell(launchFaults(templates), context)),
    templateSources: templateSourcesSchema
      .superRefine((sources, context) => {
        unlike(sources?.configMaps, { key: "namespace", same: sameText, under: ["configMaps"] }, context);
      }, alwaysChecked)
      .prefault({}),
    /** Node pools whose sizes KubeStack decides; none: somebody else does. */
    nodePools: z
      .array(nodePoolSchema, { error: "must be a list of node pools; correct it" })
      .max(500)
      .superRefine((pools, context) => {
        unlike(pools, { key: "name", same: sameText }, context);
        unlike(pools, { key: "nodeLabels", same: sameNodes }, context);
      }, alwaysChecked)
      .default([]),
    /** What holds for all node pools together. */
    capacity: capacitySchema.prefault({}),
    /** Stands under the entries of the lists; what is left here is what could not be put there. */
    defaults: z
      .strictObject({
        master: z.record(z.string(), z.never()).optional(),
        template: z.record(z.string(), z.never()).optional(),
      })
      .optional(),
    log: z
      .strictObject({
        level: z.enum(logLevels, { error: `must be one of ${logLevels.join(", ")}; correct it` }).default("info"),
      })
      .prefault({}),
  })
  .superRefine(({ masters, templates, templateSources }, context) => {
    if (!Array.isArray(masters)) return;
    const names = new Set<unknown>(masters.map((master) => master?.name).filter(Boolean));
    const { applied, configMaps } = templateSources ?? {};
    const lists: readonly (readonly [readonly PropertyKey[], unknown])[] = [
      [["templates"], templates],
      [["templateSources", "configMaps"], configMaps],
    ];
    const named = lists.flatMap(([path, list]) =>
      Array.isArray(list) ? list.map((one, at) => [[...path, at], one?.masters] as const) : [],
    );
    for (const [path, said] of [...named, [["templateSources", "applied"], applied?.masters] as const]) {
      if (!Array.isArray(said)) continue;
      said.forEach((name, position) => {
        if (name === "*" || names.has(name)) return;
        context.addIssue({
          code: "custom",
          path: [...path, "masters", position],
          message: `names no master of this file (${[...names].join(", ")}); correct it`,
        });
      });
    }
  }, alwaysChecked)
  .superRefine(({ templates, nodePools }, context) => unknownPools({ templates, nodePools }, context), alwaysChecked)
  .superRefine(({ masters, templates }, context) => {
    if (templates.some(({ warm }) => warm)) keptIdle({ masters, templates: templatesOf(templates) }, context);
    if (templates.some(({ relaunch }) => relaunch)) relaunched({ masters, templates: templatesOf(templates) }, context);
  })
  .transform(({ defaults: _nothing, templates: entries, ...configuration }) => ({
    ...configuration,
    /** As the file has them, under its defaults: others may stand on them. */
    templateEntries: entries,
    templates: templatesOf(entries).map((template) => onPools(template, configuration.nodePools)),
  }));

function tell(faults: ReturnType<typeof launchFaults>, context: z.RefinementCtx): void {
  for (const { path, message } of faults) context.addIssue({ code: "custom", path: [...path], message });
}

export type Configuration = z.output<typeof configurationSchema> & {
  /** `defaults.template` as it is written: it stands under templates from elsewhere, too. Absent: there are none. */
  readonly templateDefaults?: unknown;
};
