import { z } from "zod";
import { allowances } from "../loosening.ts";

/** A name, or the beginning of names with a `*` behind it. */
const pattern = (what: string) =>
  z.string({ error: `must be ${what}; correct it` }).regex(/^[^\s*]*[^\s]$/, `must be ${what}; correct it`);

/** What templates from elsewhere than the file may be; what is not granted here they don't have. */
const grantShape = {
  /** In what their pods may be less than restricted. */
  allow: z.array(z.enum(allowances, { error: `must be one of ${allowances.join(", ")}; correct it` })).default([]),
  /** Objects of the agents' namespace or the cluster that their pods may name, such as `Secret/registry` or `Secret/team-a-*`. */
  objects: z
    .array(
      z
        .string()
        .regex(
          /^[A-Z][A-Za-z]*\/(?:[a-zA-Z0-9.:-]*\*|[a-zA-Z0-9.:-]+)$/,
          "must be KIND/NAME, such as Secret/registry or Secret/team-a-*; correct it",
        ),
    )
    .max(1000)
    .default([]),
  /** Labels that they may have; a `*` at the end is any end. Default: any, and builds without a label. */
  labels: z.array(pattern("a label, or the beginning of labels with * behind it")).min(1).max(1000).optional(),
  /** Slaves of them all at once, at each master. */
  maxSlaves: z.number().int().min(0).max(100_000).optional(),
  /** The most that they may say of each, by which they go before the templates of others. Default: what a template has that says nothing. */
  weight: z.number().min(0.01).max(1000).optional(),
  priority: z.number().int().min(-1000).max(1000).optional(),
  /** Whether they may keep slaves idle, which nobody asked for yet. Default false. */
  warm: z.boolean({ error: "must be true or false" }).optional(),
  /** Pods of them all that are kept when they are over, at each master; 0 is none. */
  retainMax: z.number().int().min(0).max(1000).default(10),
};

const masters = z.array(z.string().min(1)).min(1, "must name at least one master, or *; correct it");

/** What may be applied with the command line. */
export const appliedGrantSchema = z.strictObject({
  ...grantShape,
  /** The masters that they may serve, by name; `*` is all. */
  masters: masters.default(["*"]),
  /** So many of them; 0 is none. */
  maxTemplates: z.number().int().min(0).max(1000).default(1000),
});

/** A namespace whose ConfigMaps may bring templates. */
export const configMapGrantSchema = z.strictObject({
  namespace: z
    .string({ error: "must be a namespace; name it" })
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "is no name of a namespace; correct it"),
  ...grantShape,
  masters,
  maxTemplates: z.number().int().min(0).max(1000).default(100),
});

export type Grant = z.output<typeof appliedGrantSchema>;
export type ConfigMapGrant = z.output<typeof configMapGrantSchema>;

/** `templateSources:` of the configuration: from where templates may come besides the file, and what they may be. */
export const templateSourcesSchema = z.strictObject({
  applied: appliedGrantSchema.prefault({}),
  configMaps: z.array(configMapGrantSchema).max(100).default([]),
});
export type TemplateSources = z.output<typeof templateSourcesSchema>;

/** Whether a pattern of a grant means this. */
export function isMeant(pattern: string, text: string): boolean {
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}
