import type { Json, JsonMap } from "@kubestack/templates";
import type { ReportLine } from "../report/report.ts";
import { importJcasc } from "./import-jcasc.ts";

/** Imports one cloud; JSON is YAML. */
export function importCloud(cloud: Json, more: JsonMap = {}) {
  const { form, report } = importJcasc(
    JSON.stringify({ jenkins: { clouds: [{ kubernetes: cloud }] }, ...more }),
    "x.yaml",
    {
      master: "main",
    },
  );
  const lines = report.groups.flatMap(({ lines }) => lines);
  return { form, report, lines };
}

/** Imports one template, beside which others may stand; the first one's entry and lines. */
export function importTemplate(template: JsonMap, ...others: readonly JsonMap[]) {
  const { form, report } = importCloud({
    namespace: "ci",
    jenkinsUrl: "http://jenkins/",
    templates: [{ name: "t", label: "t", ...template }, ...others],
  });
  const lines = report.groups.find(({ name }) => name.startsWith("template"))?.lines ?? [];
  const [entry = {}] = form.templates as readonly JsonMap[];
  return { entry, form, lines, told: toldOf(lines) };
}

/** Verdicts and words by the path below the template. */
export function toldOf(lines: readonly ReportLine[]): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map(({ path, verdict, says }) => [path.slice(6).join("."), `${verdict} ${says}`]));
}

/** The container of a name in an entry's pod. */
export function containerOf(entry: JsonMap, name: string): JsonMap {
  const { pod } = entry as { pod?: { spec?: { containers?: readonly JsonMap[] } } };
  return pod?.spec?.containers?.find((one) => one.name === name) ?? {};
}

/** A variable as Jenkins' files have it. */
export function variable(name: string, rest = ""): string {
  return `$\{${name}}${rest}`;
}
