import type { MasterConfig } from "@kubestack/configuration";
import { type PodSize, printSize } from "@kubestack/contracts";
import { type Cluster, tryPod } from "@kubestack/kubernetes";
import type { TemplateConfig } from "@kubestack/templates";
import { type ShownFor, type ShownPod, shownPod, specimenMaster } from "../specimen.ts";
import { isLaunched, mastersOf, type TemplateFile, templateNamed } from "../template-file.ts";
import type { LintFinding } from "./finding.ts";
import { type TriedPod, togetherOf, verdictOn } from "./verdict.ts";

/** So many pods are shown at once. */
const atOnce = 8;

interface Trial extends TriedPod {
  readonly pod: ShownPod["pod"];
}

/** Shows the pods of these templates to the API server, which makes none of them. Raises what is no judgement of a pod. */
export async function tryPods(
  templates: readonly TemplateConfig[],
  of: TemplateFile,
  cluster: Cluster,
): Promise<LintFinding[]> {
  const { namespace } = of.configuration.kubernetes;
  const trials = templates.filter(isLaunched).flatMap((template) => trialsOf(template, of));
  const tried: { template: string; of: string; findings: readonly LintFinding[] }[] = [];
  for (let from = 0; from < trials.length; from += atOnce) {
    const some = trials.slice(from, from + atOnce);
    const answers = await Promise.all(some.map(({ pod }) => tryPod(cluster, namespace, pod)));
    answers.forEach((answer, at) => {
      const trial = some[at];
      if (trial !== undefined) tried.push({ ...trial, findings: verdictOn(trial, answer) });
    });
  }
  const sentence = `the API server at ${cluster.server} takes its pods in namespace ${namespace}`;
  return [...Map.groupBy(tried, ({ template }) => template)].flatMap(([template, pods]) => {
    const findings = togetherOf(pods);
    return findings.length > 0 ? findings : [{ level: "ok", template, sentence } as const];
  });
}

/** One pod for the masters whose slaves' pods are alike, and the largest that may be asked for. */
function trialsOf(template: TemplateConfig, of: TemplateFile): Trial[] {
  const found = templateNamed(template.name, of);
  const masters = [...Map.groupBy(mastersOf(template, of), formOf).values()].flatMap(([master]) => master ?? []);
  const trial = (words: string, how: ShownFor): Trial => ({
    template: template.name,
    of: words,
    ...shownPod(found, how, of),
  });
  const usual = masters.map((master) => trial(`for master ${master.name}`, { master }));
  const [largest, first] = [largestOf(template), masters[0]];
  if (largest === undefined || first === undefined) return usual;
  const words = `as large as may be asked for (${printSize(largest)})`;
  return [...usual, trial(words, { master: first, size: largest })];
}

/** By which the pods of a master's slaves may be unlike another's to an API server. */
function formOf(master: MasterConfig): string {
  const { attach, podLabels } = specimenMaster(master);
  return JSON.stringify([attach, podLabels]);
}

function largestOf({ overrides = {} }: TemplateConfig): PodSize | undefined {
  const most = Object.entries(overrides).flatMap(([resource, bounds]) =>
    bounds === undefined ? [] : [[resource, bounds.max]],
  );
  return most.length === 0 ? undefined : Object.fromEntries(most);
}
