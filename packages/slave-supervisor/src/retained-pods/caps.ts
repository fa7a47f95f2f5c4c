import type { TemplateConfig } from "@kubestack/templates";
import type { RetentionCap } from "./expiry.ts";

/** Pods that are kept of all templates together that serve the master no more. */
const mostOfOthers = 5;

/**
 * How many pods of a template are kept: its own number, and what the configuration grants where it comes from. While not all
 * templates are known yet one that is not there may be one of those, and nothing of it goes. Pure.
 */
export function retentionCaps(
  templates: readonly Pick<TemplateConfig, "name" | "retainMax" | "retainedTogether">[],
  areWhole: boolean,
): (template: string) => readonly RetentionCap[] {
  const known = new Map(templates.map((one) => [one.name, one]));
  return (name) => {
    const template = known.get(name);
    if (template === undefined) return areWhole ? [{ of: "templates that are gone", most: mostOfOthers }] : [];
    const { retainMax, retainedTogether: together } = template;
    const own = { of: `template ${name}`, most: retainMax };
    return together === undefined ? [own] : [own, { of: together.group, most: together.retainMax }];
  };
}
