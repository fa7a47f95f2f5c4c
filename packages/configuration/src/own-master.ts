import { ownCompletionListeners } from "@kubestack/completion-collector/config";
import { entityName } from "@kubestack/contracts";
import { demandListenerConfigSchema, readsJenkins } from "@kubestack/demand-collector/config";
import { supervisedMasterShape } from "@kubestack/slave-supervisor/config";
import { z } from "zod";
import { onceEach } from "./listeners.ts";
import { alwaysChecked } from "./unlike.ts";

/** A master that is no Jenkins: something tells what waits there, and slaves attach by themselves. */
export const ownMasterSchema = z
  .strictObject({
    name: entityName,
    type: z.enum(["gearman", "external"]),
    attach: z
      .literal("self", { error: "must be self, since slaves of other systems attach by themselves; correct it" })
      .default("self"),
    ...supervisedMasterShape,
    demand: z
      .array(demandListenerConfigSchema)
      .min(1)
      .superRefine((listeners, context) => {
        onceEach(listeners, context);
        listeners.forEach(({ type }, index) => {
          if (readsJenkins(type))
            context.addIssue({
              code: "custom",
              path: [index, "type"],
              message:
                "reads a Jenkins, and this master is none; name another listener, or make the master's type jenkins",
            });
        });
      })
      .prefault([{ type: "external" }]),
  })
  .superRefine((master, context) => {
    if (typeof master !== "object" || master === null || master.type !== "gearman") return;
    if (!Array.isArray(master.demand) || master.demand.some((listener) => listener?.type === "gearman")) return;
    const message =
      "must name a listener of type gearman, which says where gearmand is; add {type: gearman, host: HOST}";
    context.addIssue({ code: "custom", path: ["demand"], message });
  }, alwaysChecked)
  .transform((master) => ({
    ...master,
    // There is no queue whose labels anchors could show, and no node to be made.
    anchors: "off" as const,
    nodeOpsPerSecond: "auto" as const,
    // Its pods know by themselves where to attach.
    agentUrl: "",
    agentTunnel: undefined,
    transport: "auto" as const,
    completion: ownCompletionListeners,
  }));

/** Keys of `defaults.master` that mean something for such a master; the others are for those that are a Jenkins. */
export const ownDefaults: ReadonlySet<string> = new Set(Object.keys(supervisedMasterShape));
