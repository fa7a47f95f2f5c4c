import { isDeepStrictEqual } from "node:util";
import { quantityAmount } from "@kubestack/contracts";
import type { JsonMap, TemplateConfig } from "@kubestack/templates";
import { containersOf, mapOf } from "../agent-container.ts";
import { isLaunched, mastersOf, type TemplateFile } from "../template-file.ts";
import type { LintFinding } from "./finding.ts";

/** What the file alone tells of one of its templates, beside faults that keep the whole file from being used. */
export function notesOn(template: TemplateConfig, of: TemplateFile): LintFinding[] {
  const { name } = template;
  const warn = (sentence: string): LintFinding => ({ level: "WARN", template: name, sentence });
  const fail = (sentence: string): LintFinding => ({ level: "FAIL", template: name, sentence });
  if (!isLaunched(template)) {
    const isParent = of.written.some(({ inheritFrom }) => inheritFrom?.includes(name));
    return isParent ? [] : [warn("has no labels, and no template inherits from it: nothing comes of it")];
  }
  return [
    ...containersOf(template.pod).flatMap((container) => lowLimits(container).map(fail)),
    ...containersOf(template.pod).flatMap((container) => looseImage(container).map(warn)),
    ...overshadowed(template, of).map(warn),
  ];
}

/** The API server takes no request above its limit. */
function lowLimits({ name, resources }: JsonMap): string[] {
  const [requests, limits] = [mapOf(mapOf(resources).requests), mapOf(mapOf(resources).limits)];
  return Object.entries(requests).flatMap(([resource, asked]) => {
    const [least, most] = [quantityAmount(String(asked)), quantityAmount(String(limits[resource] ?? ""))];
    if (least === undefined || most === undefined || least <= most) return [];
    const told = `${String(asked)} of ${resource} and may have only ${String(limits[resource])}`;
    return [`container ${String(name)} asks for ${told}: raise the limit, or lower the request`];
  });
}

function looseImage({ name, image }: JsonMap): string[] {
  if (typeof image !== "string" || image === "") return [];
  if (image.includes("@")) return [];
  const tag = image.split("/").at(-1)?.split(":")[1];
  if (tag !== undefined && tag !== "latest") return [];
  const what = tag === undefined ? "names no tag" : "names the tag latest";
  return [`image ${image} of container ${String(name)} ${what}: what is in it may change from build to build`];
}

/** One with the same labels that stands before it in the file is tried first, whatever a build asks for. */
function overshadowed(template: TemplateConfig, of: TemplateFile): string[] {
  const { templates } = of.configuration;
  const before = templates.slice(0, templates.indexOf(template)).filter((one) => isSameOffer(one, template));
  return mastersOf(template, of).flatMap((master) => {
    const first = before.find((one) => mastersOf(one, of).includes(master));
    if (first === undefined) return [];
    return [
      `has the labels of ${first.name}, which is tried first at master ${master.name}: it gets only what that one has no room for`,
    ];
  });
}

function isSameOffer(a: TemplateConfig, b: TemplateConfig): boolean {
  const labels = (one: TemplateConfig): string[] => [...new Set(one.labels)].sort();
  return (
    isDeepStrictEqual(labels(a), labels(b)) &&
    a.unlabelled === b.unlabelled &&
    (a.jobs === undefined || isDeepStrictEqual(a.jobs, b.jobs)) &&
    isDeepStrictEqual(a.overrides, b.overrides)
  );
}
