import { completionListenerConfigSchema, defaultCompletionListeners } from "@kubestack/completion-collector/config";
import { entityName } from "@kubestack/contracts";
import { defaultDemandListeners, demandListenerConfigSchema, withComputers } from "@kubestack/demand-collector/config";
import { checkJenkinsConnection, jenkinsConnectionShape, withConnectionDefaults } from "@kubestack/jenkins/config";
import { checkTransport, jenkinsAttachShape, supervisedMasterShape } from "@kubestack/slave-supervisor/config";
import { z } from "zod";
import { onceEach } from "./listeners.ts";
import { alwaysChecked } from "./unlike.ts";

/** A master that is a Jenkins or a Hudson: its queue is read, and slaves are its nodes. */
export const jenkinsMasterSchema = z
  .strictObject({
    name: entityName,
    /** Default jenkins. */
    type: z.literal("jenkins").optional(),
    ...jenkinsConnectionShape,
    ...supervisedMasterShape,
    ...jenkinsAttachShape,
    demand: z
      .array(demandListenerConfigSchema)
      .min(1)
      .superRefine(onceEach)
      .prefault([...defaultDemandListeners]),
    completion: z
      .array(completionListenerConfigSchema)
      .min(1)
      .superRefine(onceEach)
      .prefault([...defaultCompletionListeners]),
  })
  .superRefine((master, context) => {
    if (typeof master !== "object" || master === null) return;
    const { user, ...rest } = master;
    // A user that is no text has its own fault already.
    checkJenkinsConnection(typeof user === "string" ? master : rest, context);
    const message = checkTransport(master);
    if (message !== null) context.addIssue({ code: "custom", path: ["agentTunnel"], message });
  }, alwaysChecked)
  .transform(({ demand, ...master }) => ({
    ...withConnectionDefaults(master),
    type: "jenkins" as const,
    demand: withComputers(demand),
  }));
