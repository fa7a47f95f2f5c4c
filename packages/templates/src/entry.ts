import {
  duration,
  entityName,
  jobPattern,
  mostRelaunches,
  nodeLabel,
  quantity,
  quantityAmount,
} from "@kubestack/contracts";
import { z } from "zod";
import { injectModes } from "./injection/is-injected.ts";
import { allowances } from "./loosening.ts";
import { faultsOf } from "./merge/faults.ts";
import type { JsonMap } from "./merge/json.ts";
import { nodePropertiesSchema } from "./node-properties.ts";
import { isOwnFolder, ownedFieldFaults, ownFolderRule } from "./owned-fields.ts";
import { servicesSchema } from "./services/entry.ts";
import { volumesSchema } from "./volumes/entry.ts";
import { warmSchema } from "./warm/entry.ts";

/** What an image must be, where there is none or none can be. */
export const imageRule = "must be an image, such as registry.example.org/ci/maven:3.9";

const relaunchRule = `must be a whole number from 0 to ${mostRelaunches}; correct it`;

const image = z
  .string({ error: imageRule })
  .min(1, "must not be empty; name an image")
  .regex(/^\S*$/, "must hold no blanks; correct it");

const environment = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, "is no name of an environment variable; correct it"),
  z
    .union([z.string(), z.number(), z.boolean(), z.null()])
    .transform((value) => (value === null ? null : String(value))),
);

const words = z.array(z.string());

const timeouts = z.strictObject({
  /** For a node to take the pod. */
  schedule: duration({ min: "1s" }).optional(),
  /** For each image. */
  pull: duration({ min: "1s" }).optional(),
  /** From the images to running containers. */
  start: duration({ min: "1s" }).optional(),
  /** From a running agent container to a connected agent. */
  connect: duration({ min: "1s" }).optional(),
  /** A slave whose build takes longer gets no further one. */
  build: duration({ min: "1s" }).optional(),
});

/** What may be asked for of one resource. The least is there so that nobody asks for 8 bytes of memory by mistake. */
const bounds = (least: string) =>
  z
    .strictObject({ min: quantity.default(least), max: quantity })
    .refine(({ min, max }) => isRange(quantityAmount(min), quantityAmount(max)), {
      path: ["min"],
      error: "must be more than 0 and no more than max; correct one of them",
    })
    .optional();

/** What is no quantity is told by itself. */
function isRange(least: number | undefined, most: number | undefined): boolean {
  return least === undefined || most === undefined || (least > 0 && least <= most);
}

/** What a build may ask for by label, such as `cpu=4`. */
const overrides = z.strictObject({ cpu: bounds("10m"), memory: bounds("16Mi"), disk: bounds("16Mi") });

/** Whether it is nested deeper than a pod is told by itself, as its other faults are. */
const pod = z
  .record(z.string(), z.unknown(), { error: "must be a map with metadata and spec; correct it" })
  .transform((value) => value as JsonMap)
  .superRefine((layer, context) => {
    for (const fault of [...ownedFieldFaults(layer), ...faultsOf(layer)])
      context.addIssue({ code: "custom", path: [...fault.path], message: fault.message });
  });

/** One entry of `templates:` as it is written: what it leaves out is its parents', or the usual. */
export const templateEntrySchema = z.strictObject({
  name: entityName,
  /** The labels that the master's node carries; a template without any is never launched. Never inherited. */
  labels: z.array(nodeLabel).max(100).default([]),
  /** Also takes builds that name no label. Never inherited. */
  unlabelled: z.boolean({ error: "must be true or false" }).default(false),
  /** Templates that it stands on, the later ones stronger. */
  inheritFrom: z.array(entityName).max(20).optional(),
  /** Null, here and below, takes away what the parents say. */
  image: image.optional(),
  command: words.nullable().optional(),
  args: words.nullable().optional(),
  env: environment.optional(),
  /** Request. */
  cpu: quantity.optional(),
  /** Request and limit. */
  memory: quantity.optional(),
  /** Ephemeral storage, request and limit. */
  disk: quantity.optional(),
  /** What builds may ask for by label instead, from least to most. Default: nothing. */
  overrides: overrides.optional(),
  /** Volumes, and where they are mounted; by name the parents'. */
  volumes: volumesSchema.nullable().optional(),
  /** Services of the cluster that lead to the pod; by name the parents'. */
  services: servicesSchema.nullable().optional(),
  /** Metadata and spec of the pod, merged over all of the above. */
  pod: pod.optional(),
  /** The container that the agent runs in. */
  agentContainer: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "is no name of a container; correct it")
    .optional(),
  /** Whether the agent is put into an image that has none. */
  inject: z.enum(injectModes, { error: `must be one of ${injectModes.join(", ")}; correct it` }).optional(),
  /** The image that it is taken from. */
  agentImage: image.nullable().optional(),
  /** In what its pods may be less than restricted. */
  allow: z.array(z.enum(allowances, { error: `must be one of ${allowances.join(", ")}; correct it` })).optional(),
  /** The agent's folder; `.` leaves it to the agent, which runs in a folder of its own. */
  workDir: z
    .string()
    .regex(/^(?:\/.*|\.)$/, "must be an absolute path, or . for the folder that the agent runs in; correct it")
    .refine((path) => !isOwnFolder(path), ownFolderRule)
    .optional(),
  /** What the master is told of its nodes. */
  nodeProperties: nodePropertiesSchema.optional(),
  /** Builds that a slave runs before it goes; 0 is no limit. */
  builds: z.number().int().min(0).optional(),
  maxAge: duration({ min: "1m" }).optional(),
  idleTimeout: duration({ min: "1s" }).optional(),
  timeouts: timeouts.optional(),
  /** Whose pods are kept when they are over, for people to look into: stopped, so many at most, and no longer than that. */
  retain: z
    .enum(["never", "onFailure", "always"], { error: "must be never, onFailure or always; correct it" })
    .optional(),
  retainFor: duration({ min: "1m", max: "24h" }).optional(),
  retainMax: z.number().int().min(1).max(100).optional(),
  /** Pods that may follow one that is lost under a build, under the same node. */
  relaunch: z
    .number({ error: relaunchRule })
    .int(relaunchRule)
    .min(0, relaunchRule)
    .max(mostRelaunches, relaunchRule)
    .optional(),
  maxSlaves: z.number().int().min(0).max(100_000).nullable().optional(),
  /** Its part of what the templates of a master share, against those of the others. */
  weight: z.number().min(0.01).max(1000).optional(),
  /** Where not all launches can be made, those of a higher one come first. */
  priority: z.number().int().min(-1000).max(1000).optional(),
  /** The node pools that its pods may go to, the preferred one first. Default: wherever the scheduler puts them. */
  pools: z
    .array(entityName)
    .min(1, "must name at least one node pool; leave it out where any node will do")
    .max(20)
    .nullable()
    .optional(),
  /** How many slaves are kept idle at each master, and when. */
  warm: warmSchema.nullable().optional(),
  /** The masters that it serves, by name; `*` is all. */
  masters: z.array(z.string().min(1)).min(1).optional(),
  /** The jobs that may use it, by their full names; `**` is all. */
  jobs: z.array(jobPattern).min(1, "must name at least one job, or **; correct it").max(100).optional(),
});
export type TemplateEntry = z.output<typeof templateEntrySchema>;
