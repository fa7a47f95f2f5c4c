import { z } from "zod";
import { objectName } from "../../pools/kubernetes-names.ts";
import { dryRun } from "../dry-run.ts";

/** An object of the cluster that has the scale subresource, such as Cluster API's MachineDeployment or MachinePool. */
export const scaleSchema = z.strictObject({
  type: z.literal("scale"),
  apiVersion: z
    .string({ error: "must be the object's group and version; such as cluster.x-k8s.io/v1beta1" })
    .regex(
      /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?v[a-z0-9]+$/,
      "is no group and version; write it as cluster.x-k8s.io/v1beta1",
    ),
  kind: z
    .string({ error: "must be the object's kind; such as MachineDeployment" })
    .regex(/^[A-Z][A-Za-z0-9]{0,62}$/, "is no kind; write it as MachineDeployment"),
  namespace: objectName,
  name: objectName,
  dryRun,
});
export type ScaleConfig = z.output<typeof scaleSchema>;
