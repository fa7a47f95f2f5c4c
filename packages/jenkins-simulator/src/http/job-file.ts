import type { Job, JobSpec } from "../core/job.ts";
import { escapeXml } from "./answer.ts";
import { decoded, elementContents, elementText, rootElement } from "./xml-text.ts";

/** The file of a job as the master shows it. A pipeline's labels are in its script alone. */
export function jobFile(job: Job): string {
  const { spec } = job;
  const head = `<?xml version='1.1' encoding='UTF-8'?>\n`;
  if (spec.kind === "pipeline")
    return `${head}<flow-definition><definition><script>${escapeXml(scriptOf(spec))}</script></definition></flow-definition>`;
  const label =
    spec.label === undefined
      ? "<canRoam>true</canRoam>"
      : `<assignedNode>${escapeXml(spec.label)}</assignedNode><canRoam>false</canRoam>`;
  const root = spec.kind === "matrix" ? "matrix-project" : "project";
  const parameters = Object.entries(spec.parameters ?? {}).map(
    ([name, value]) =>
      `<hudson.model.StringParameterDefinition><name>${escapeXml(name)}</name><defaultValue>${escapeXml(value)}</defaultValue></hudson.model.StringParameterDefinition>`,
  );
  return `${head}<${root}><properties><hudson.model.ParametersDefinitionProperty><parameterDefinitions>${parameters.join("")}</parameterDefinitions></hudson.model.ParametersDefinitionProperty></properties>${label}<concurrentBuild>${spec.concurrent ?? true}</concurrentBuild></${root}>`;
}

function scriptOf(spec: JobSpec): string {
  return (spec.blocks ?? []).map((block) => `node(${JSON.stringify(block.label ?? "")}) { sh 'true' }`).join("\n");
}

/**
 * A job from the file that `createItem` takes; null for a kind that is not simulated. Its script decides how long it
 * takes: the sum of its `sleep N`, else a second; `exit 1` makes it fail. A freestyle job's script with a loop can't be
 * foreseen: the agent's process runs it.
 */
export function specOfFile(name: string, xml: string): JobSpec | null {
  const root = rootElement(xml);
  const script = [...elementContents(xml, "command"), ...elementContents(xml, "script")].join("\n");
  const sleeps = [...script.matchAll(/\bsleep (\d+(?:\.\d+)?)/g)].map((match) => Number(match[1]) * 1000);
  const run = {
    durationMs: sleeps.length === 0 ? 1000 : sleeps.reduce((sum, ms) => sum + ms, 0),
    result: /\bexit [1-9]/.test(script) ? ("FAILURE" as const) : ("SUCCESS" as const),
  };
  if (root === "flow-definition") {
    const labels = [
      ...script.matchAll(/\bnode\s*(?:\(\s*(?:'([^']*)'|"([^"]*)"|&apos;(.*?)&apos;|&quot;(.*?)&quot;)?\s*\))?\s*\{/g),
    ];
    const blocks = labels.map((match) => ({ ...run, label: match[1] ?? match[2] ?? match[3] ?? match[4] ?? "" }));
    return { name, kind: "pipeline", blocks };
  }
  if (root !== "project") return null;
  const label = elementText(xml, "canRoam") === "true" ? null : elementText(xml, "assignedNode");
  const parameters = elementContents(xml, "hudson.model.StringParameterDefinition").map((definition) => [
    elementText(definition, "name") ?? "",
    elementText(definition, "defaultValue") ?? "",
  ]);
  const isForeseen = !/\b(while|until)\b/.test(script);
  return {
    name,
    ...(isForeseen ? run : { durationMs: null, script: decoded(script) }),
    ...(label === null ? {} : { label: label.trim() }),
    concurrent: elementText(xml, "concurrentBuild") === "true",
    quietPeriodMs: Number(elementText(xml, "quietPeriod") ?? 5) * 1000,
    parameters: Object.fromEntries(parameters),
  };
}
