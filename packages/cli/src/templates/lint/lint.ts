import { access, constants } from "node:fs/promises";
import type { Configuration } from "@kubestack/configuration";
import { hasCode, KubestackError, sentenceOf } from "@kubestack/contracts";
import type { Environment } from "@kubestack/runtime";
import type { TemplateConfig } from "@kubestack/templates";
import type { Context, Terminal } from "../../context.ts";
import { clusterOf } from "../../doctor/connections.ts";
import { type OutputForm, printData } from "../../text/output-form.ts";
import type { Judgement } from "../judgement.ts";
import { readTemplates, type TemplateFile, templateNamed } from "../template-file.ts";
import { type LintFinding, lintLines, lintSummary } from "./finding.ts";
import { notesOn } from "./notes.ts";
import { tryPods } from "./try-pods.ts";

/** What is to be looked at, and where its pods are shown. */
export interface LintOptions {
  /** Default: all. */
  readonly names: readonly string[];
  readonly file: string;
  /** The file alone: no API server is asked. */
  readonly offline: boolean;
  /** Instead of what the configuration says. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly form: OutputForm;
}

/** `templates lint`. Raises what keeps it from being judged as a whole, after it has told what was found. */
export async function lint({ environment, terminal }: Context, options: LintOptions): Promise<Judgement> {
  const findings: LintFinding[] = [];
  let rest = "; it was not judged as a whole";
  try {
    const of = await readable(options.file, environment, findings);
    if (of === undefined) {
      rest = "; nothing else is judged without a sound file";
      return "found";
    }
    const templates = chosen(of, options.names);
    findings.push(...templates.flatMap((template) => notesOn(template, of)));
    if (!options.offline) findings.push(...(await tried(templates, of, { environment, options })));
    const order = new Map(templates.map(({ name }, at) => [name, at]));
    findings.sort((a, b) => (order.get(a.template ?? "") ?? 0) - (order.get(b.template ?? "") ?? 0));
    rest = options.offline ? "; no API server was asked" : "";
    return findings.some(({ level }) => level === "FAIL") ? "found" : "nothing found";
  } finally {
    tell(findings, terminal, { form: options.form, rest });
  }
}

function tell(
  findings: readonly LintFinding[],
  terminal: Terminal,
  { form, rest }: Pick<LintOptions, "form"> & { readonly rest: string },
): void {
  const summary = `${lintSummary(findings)}${rest}`;
  if (form === "json" || form === "yaml") terminal.out(printData({ findings, summary }, form));
  else {
    const lines = lintLines(findings, terminal).map((line) => `${line}\n`);
    terminal.out(`${lines.join("")}${summary}\n`);
  }
}

/** A file that can't be read is no finding; what is wrong in it is. */
async function readable(
  file: string,
  environment: Environment,
  findings: LintFinding[],
): Promise<TemplateFile | undefined> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw new KubestackError("invalid-config", `${file} can't be read (${sentenceOf(error)}).`, { retry: "never" });
  }
  try {
    return await readTemplates(file, environment);
  } catch (error) {
    if (!hasCode(error, "invalid-config")) throw error;
    findings.push({ level: "FAIL", template: null, sentence: sentenceOf(error) });
    return undefined;
  }
}

function chosen(of: TemplateFile, names: readonly string[]): readonly TemplateConfig[] {
  const { templates } = of.configuration;
  const named = new Set(names.map((name) => templateNamed(name, of).template.name));
  return named.size === 0 ? templates : templates.filter(({ name }) => named.has(name));
}

async function tried(
  templates: readonly TemplateConfig[],
  of: TemplateFile,
  { environment, options }: { readonly environment: Environment; readonly options: LintOptions },
): Promise<LintFinding[]> {
  const cluster = await clusterOf(elsewhere(of.configuration, options), environment);
  try {
    return await tryPods(templates, of, cluster);
  } finally {
    await cluster.close();
  }
}

/** The configuration with another cluster, where one is named. */
function elsewhere(configuration: Configuration, { kubeconfig, context }: LintOptions): Configuration {
  if (kubeconfig === undefined && context === undefined) return configuration;
  const { namespace, kubeconfig: configured } = configuration.kubernetes;
  return { ...configuration, kubernetes: { namespace, kubeconfig: kubeconfig ?? configured, context } };
}
