import { duration, entityName, nodeLabel, quantity } from "@kubestack/contracts";
import { z } from "zod";

const image = z
  .string({ error: "must be an image, such as registry.example.org/ci/maven:3.9" })
  .min(1, "must not be empty; name an image")
  .regex(/^\S*$/, "must hold no blanks; correct it");

const environment = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, "is no name of an environment variable; correct it"),
  z.union([z.string(), z.number(), z.boolean()]).transform(String),
);

const timeouts = z.strictObject({
  /** For a node to take the pod. */
  schedule: duration({ min: "1s" }).prefault("10m"),
  /** For each image. */
  pull: duration({ min: "1s" }).prefault("10m"),
  /** From the images to running containers. */
  start: duration({ min: "1s" }).prefault("5m"),
  /** From a running agent container to a connected agent. */
  connect: duration({ min: "1s" }).prefault("2m"),
});

/** One entry of `templates:`: what a slave's pod is made of, and for which labels. */
export const templateConfigSchema = z.strictObject({
  name: entityName,
  /** The labels that the master's node carries; a template without any is never launched. */
  labels: z.array(nodeLabel).max(100).default([]),
  /** Also takes builds that name no label. */
  unlabelled: z.boolean({ error: "must be true or false" }).default(false),
  image,
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: environment.default({}),
  /** Request. */
  cpu: quantity.default("500m"),
  /** Request and limit. */
  memory: quantity.default("1Gi"),
  /** Ephemeral storage, request and limit. */
  disk: quantity.default("2Gi"),
  /** The agent's folder; `.` leaves it to the agent, which runs in a folder of its own. */
  workDir: z
    .string()
    .regex(/^(?:\/.*|\.)$/, "must be an absolute path, or . for the folder that the agent runs in; correct it")
    .default("/home/jenkins/agent"),
  /** Builds that a slave runs before it goes; 0 is no limit. */
  builds: z.number().int().min(0).default(1),
  maxAge: duration({ min: "1m" }).prefault("8h"),
  idleTimeout: duration({ min: "1s" }).prefault("5m"),
  timeouts: timeouts.prefault({}),
  maxSlaves: z.number().int().min(0).max(100_000).optional(),
  /** The masters that it serves, by name; `*` is all. */
  masters: z.array(z.string().min(1)).min(1).default(["*"]),
});
export type TemplateConfig = z.output<typeof templateConfigSchema>;
