import { completionListenerConfigSchema, defaultCompletionListeners } from "@kubestack/completion-collector/config";
import { entityName } from "@kubestack/contracts";
import { defaultDemandListeners, demandListenerConfigSchema } from "@kubestack/demand-collector/config";
import { checkJenkinsConnection, jenkinsConnectionShape, withConnectionDefaults } from "@kubestack/jenkins/config";
import { supervisedMasterShape } from "@kubestack/slave-supervisor/config";
import { z } from "zod";
import { alwaysChecked } from "./unlike.ts";

const once = "is one list for one source each; leave one of its entries";

/** One entry of `masters:`, put together from what each service and the adapter want to know. */
export const masterSchema = z
  .strictObject({
    name: entityName,
    type: z.literal("jenkins", { error: "must be jenkins; correct it" }).default("jenkins"),
    ...jenkinsConnectionShape,
    ...supervisedMasterShape,
    demand: z
      .array(demandListenerConfigSchema)
      .min(1)
      .max(1, once)
      .prefault([...defaultDemandListeners]),
    completion: z
      .array(completionListenerConfigSchema)
      .min(1)
      .superRefine((listeners, context) => {
        if (new Set(listeners.map(({ type }) => type)).size < listeners.length)
          context.addIssue({ code: "custom", message: "names a type twice; leave one entry of each type" });
      })
      .prefault([...defaultCompletionListeners]),
  })
  .superRefine((master, context) => {
    if (typeof master !== "object" || master === null) return;
    const { user, ...rest } = master;
    // A user that is no text has its own fault already.
    checkJenkinsConnection(typeof user === "string" ? master : rest, context);
  }, alwaysChecked)
  .transform((master) => withConnectionDefaults(master));
export type MasterConfig = z.output<typeof masterSchema>;
