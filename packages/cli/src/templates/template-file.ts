import type { Configuration, FileTemplate, MasterConfig, ReadFile } from "@kubestack/configuration";
import { KubestackError } from "@kubestack/contracts";
import type { Environment } from "@kubestack/runtime";
import type { TemplateConfig } from "@kubestack/templates";
import { meantInstead } from "../text/near.ts";

/** The templates of a sound configuration file. */
export interface TemplateFile {
  readonly file: string;
  readonly configuration: Configuration;
  /** As they are written; the configuration has each with what it stands on. */
  readonly written: readonly FileTemplate[];
}

/** Reads the file as the services would; `invalid-config` lists every fault. */
export async function readTemplates(file: string, environment: Environment): Promise<TemplateFile> {
  // Loaded only here: the whole schema is not needed for the verbs that ask NATS.
  const { readConfiguration } = await import("@kubestack/configuration");
  const { configuration, templates }: ReadFile = await readConfiguration({ file, environment });
  return { file, configuration, written: templates };
}

/** One template, whole and as it is written. */
export interface FoundTemplate {
  readonly template: TemplateConfig;
  readonly entry: FileTemplate;
}

/** Raises `not-found`, with what may have been meant, where no template of the file is called so. */
export function templateNamed(name: string, { file, configuration, written }: TemplateFile): FoundTemplate {
  const template = configuration.templates.find((one) => one.name === name);
  const entry = written.find((one) => one.name === name);
  if (template !== undefined && entry !== undefined) return { template, entry };
  const names = written.map((one) => one.name);
  throw new KubestackError("not-found", `${file} has no template '${name}'; ${meantInstead(name, names)}`, {
    retry: "never",
  });
}

/** The masters that a template serves. */
export function mastersOf({ masters }: TemplateConfig, { configuration }: TemplateFile): readonly MasterConfig[] {
  return configuration.masters.filter(({ name }) => masters.includes("*") || masters.includes(name));
}

/** Whether anything is launched from a template. */
export function isLaunched({ labels, unlabelled }: Pick<TemplateConfig, "labels" | "unlabelled">): boolean {
  return labels.length > 0 || unlabelled;
}

/** The master that a template's pod is shown for: the one that is named, else the first that it serves. */
export function masterFor(template: TemplateConfig, name: string | undefined, of: TemplateFile): MasterConfig {
  const served = mastersOf(template, of);
  const master = name === undefined ? served[0] : served.find((one) => one.name === name);
  if (master !== undefined) return master;
  const names = served.map((one) => one.name);
  throw new KubestackError(
    "not-found",
    name === undefined
      ? `Template ${template.name} serves no master of ${of.file}.`
      : `Template ${template.name} serves no master '${name}'; ${meantInstead(name, names)}`,
    { retry: "never" },
  );
}
