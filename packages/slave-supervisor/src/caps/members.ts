import type { Room } from "@kubestack/demand";
import type { SharedCap, TemplateConfig } from "@kubestack/templates";

/** Whether slaves of a template count under the cap of this name. */
export type IsUnder = (cap: string, template: string) => boolean;

/**
 * A template's own cap has its name; one that several have together has their group's. Templates that are there no more count under
 * the latter by the beginning of their names.
 */
export function membersIn(templates: readonly TemplateConfig[]): IsUnder {
  const groups = new Map(templates.map(({ name, shared }) => [name, shared?.group]));
  const prefixes = new Map(
    templates.flatMap(({ shared }) => (shared === undefined ? [] : [[shared.group, shared.prefix]])),
  );
  return (cap, template) => {
    if (cap === template) return true;
    if (groups.has(template)) return groups.get(template) === cap;
    const prefix = prefixes.get(cap);
    return prefix !== undefined && template.startsWith(prefix);
  };
}

/** The room that is left under a cap over several templates. `counts`: slaves by template. */
export function sharedRoom(
  { group, maxSlaves }: SharedCap,
  counts: ReadonlyMap<string, number>,
  isUnder: IsUnder,
): Room & { readonly name: string } {
  const count = [...counts].reduce((sum, [name, slaves]) => sum + (isUnder(group, name) ? slaves : 0), 0);
  return { name: group, slaves: maxSlaves - count, cap: `${count}/${maxSlaves} slaves of ${group}` };
}
