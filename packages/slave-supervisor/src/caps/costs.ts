import { type Amounts, type PodSize, quantityAmount } from "@kubestack/contracts";
import type { Caps } from "@kubestack/demand";
import { podRequestsOf, type TemplateConfig } from "@kubestack/templates";

/** A slave, as far as it is known what it asks the cluster for. */
export interface Costing {
  readonly template: string;
  readonly size?: PodSize | undefined;
  /** What its pod asks for, as it was launched. Absent: its template and size say. */
  readonly asks?: { readonly cpu: number; readonly memory: number } | undefined;
}

/** What slaves count under caps. One whose template is gone, and of which nothing was kept, counts as a slave that asks for nothing. */
export function costIn(templates: readonly TemplateConfig[]): (slave: Costing) => Amounts {
  const byName = new Map(templates.map((template) => [template.name, template]));
  const known = new Map<string, Amounts>();
  return ({ template: name, size, asks }) => {
    if (asks !== undefined) return { slaves: 1, ...asks };
    const key = JSON.stringify([name, size ?? null]);
    const template = byName.get(name);
    const cost = known.get(key) ?? {
      slaves: 1,
      ...(template === undefined ? { cpu: 0, memory: 0 } : podRequestsOf(template, size)),
    };
    known.set(key, cost);
    return cost;
  };
}

/** Caps as the configuration says them: cpu and memory as quantities. */
export function capsOf(of: {
  readonly maxSlaves?: number;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
}): Caps {
  const amount = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : quantityAmount(text);
  const [cpu, memory] = [amount(of.cpu), amount(of.memory)];
  return {
    ...(of.maxSlaves === undefined ? {} : { slaves: of.maxSlaves }),
    ...(cpu === undefined ? {} : { cpu: Math.round(cpu * 1000) }),
    ...(memory === undefined ? {} : { memory: Math.floor(memory) }),
  };
}
