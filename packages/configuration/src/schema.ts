import { natsConfigSchema } from "@kubestack/bus/config";
import { entityName } from "@kubestack/contracts";
import { kubernetesConfig } from "@kubestack/kubernetes/config";
import { logLevels } from "@kubestack/runtime";
import { limitsSchema } from "@kubestack/slave-supervisor/config";
import { templateConfigSchema } from "@kubestack/templates/config";
import { z } from "zod";
import { masterSchema } from "./master.ts";

/** Reports each entry whose value of `key` another entry before it has already. */
function unlike<T>(entries: readonly T[], key: keyof T, context: z.RefinementCtx): void {
  const seen = new Map<unknown, number>();
  entries.forEach((entry, index) => {
    const first = seen.get(entry[key]);
    if (first === undefined) seen.set(entry[key], index);
    else
      context.addIssue({
        code: "custom",
        path: [index, String(key)],
        message: `is the same as entry ${first}'s; give each its own`,
      });
  });
}

/** The whole configuration. */
export const configurationSchema = z
  .strictObject({
    /** Marks everything that is ours; default: a hash of the namespace's uid and the masters' names. */
    install: entityName
      .regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/, "must be 1 to 63 of A-Z, a-z, 0-9 and _.-; correct it")
      .optional(),
    nats: natsConfigSchema.prefault({}),
    kubernetes: kubernetesConfig,
    limits: limitsSchema.prefault({}),
    masters: z
      .array(masterSchema, { error: "must be a list of masters; name at least one" })
      .min(1, "must name at least one master")
      .superRefine((masters, context) => {
        unlike(masters, "name", context);
        unlike(masters, "url", context);
      }),
    templates: z
      .array(templateConfigSchema, { error: "must be a list of templates; name at least one" })
      .min(1, "must name at least one template")
      .superRefine((templates, context) => unlike(templates, "name", context)),
    log: z
      .strictObject({
        level: z.enum(logLevels, { error: `must be one of ${logLevels.join(", ")}; correct it` }).default("info"),
      })
      .prefault({}),
  })
  .superRefine(({ masters, templates }, context) => {
    const names = new Set(masters.map(({ name }) => name));
    templates.forEach((template, index) => {
      template.masters.forEach((name, position) => {
        if (name === "*" || names.has(name)) return;
        context.addIssue({
          code: "custom",
          path: ["templates", index, "masters", position],
          message: `names no master of this file (${[...names].join(", ")}); correct it`,
        });
      });
    });
  });
export type Configuration = z.output<typeof configurationSchema>;
