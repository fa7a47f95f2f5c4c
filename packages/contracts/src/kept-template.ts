import { z } from "zod";

/** Version of the record's form. A record with a higher one was written by a newer release: hands off. */
export const keptTemplateVersion = 1;

/** So many templates may be applied at most, however many the configuration allows. */
export const mostTemplates = 1000;

/** A template from elsewhere than the file is at most so long, in bytes of its JSON. */
export const longestTemplate = 64 * 1024;

/** A template as somebody wrote it, with the keys of an entry of `templates:`. */
export const writtenTemplateSchema = z.record(z.string(), z.unknown());
export type WrittenTemplate = z.infer<typeof writtenTemplateSchema>;

/** KV `kubestack_templates`, one record for each template that was applied. */
export const keptTemplateSchema = z.object({
  version: z.number().int(),
  /** Random for each write: settles whether a write whose answer was lost took place. */
  op: z.string(),
  name: z.string(),
  entry: writtenTemplateSchema,
  /** Who applied it, as the command line knows that person. */
  by: z.string().min(1).max(256),
  /** In milliseconds of NATS's time. */
  at: z.number().nonnegative(),
});
export type KeptTemplate = z.infer<typeof keptTemplateSchema>;

/** That templates were applied or deleted: whoever follows them may read them now. */
export const templatesChangedSchema = z.object({ names: z.array(z.string()).max(mostTemplates) });
export type TemplatesChanged = z.infer<typeof templatesChangedSchema>;

/** Templates to be applied, as people write them. */
export const applyRequestSchema = z.object({
  templates: z.array(writtenTemplateSchema).min(1).max(mostTemplates),
  by: z.string().min(1).max(256),
  /** Nothing is written: the answer says what would become of it. */
  dryRun: z.boolean(),
});
export type ApplyRequest = z.infer<typeof applyRequestSchema>;

export const appliedSchema = z.object({
  name: z.string(),
  change: z.enum(["created", "changed", "unchanged"]),
});
export type Applied = z.infer<typeof appliedSchema>;

export const deleteTemplateRequestSchema = z.object({
  name: z.string().min(1).max(256),
  by: z.string().min(1).max(256),
});
export type DeleteTemplateRequest = z.infer<typeof deleteTemplateRequestSchema>;

/** A template that is in force, and where it comes from. */
export const knownTemplateSchema = z.object({
  name: z.string(),
  /** `file`, `applied`, or the ConfigMap as `configmap:<namespace>/<name>#<key>`. */
  from: z.string(),
  labels: z.array(z.string()),
  unlabelled: z.boolean(),
  /** The masters that it serves, by name; `*` is all. */
  masters: z.array(z.string()),
  /** The jobs that may use it, see `jobPattern`; absent: any. */
  jobs: z.array(z.string()).optional(),
  /** Of the agent's container; null: none. Absent where an older release tells. */
  image: z.string().nullable().optional(),
  /** Who applied it last, and when, in milliseconds of NATS's time; absent: nobody did, or an older release tells. */
  applied: z.object({ by: z.string(), at: z.number().nonnegative() }).optional(),
});
export type KnownTemplate = z.infer<typeof knownTemplateSchema>;

/** What is wrong with a template from elsewhere than the file; it alone is left out. */
export const templateFaultSchema = z.object({
  /** As of `knownTemplateSchema`. */
  from: z.string(),
  /** The template's name, where it has one. */
  template: z.string().nullable(),
  /** Where and what, the rule, and what to do, as one sentence. */
  sentence: z.string(),
});
export type TemplateFault = z.infer<typeof templateFaultSchema>;

/** So many faults are told at most; further ones are counted. */
export const toldFaults = 100;

/** The templates in force in one process, in the order in which they are tried. */
export const templateBookSchema = z.object({
  templates: z.array(knownTemplateSchema),
  faults: z.array(templateFaultSchema).max(toldFaults),
  /** Faults beyond the ones told. */
  moreFaults: z.number().int().nonnegative(),
});
export type TemplateBookTold = z.infer<typeof templateBookSchema>;
