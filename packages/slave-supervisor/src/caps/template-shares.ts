import type { PodSize, SlaveRecord } from "@kubestack/contracts";
import { type Caps, cappedResources, dominant, type LaunchIntent, sumOf, type TemplateShare } from "@kubestack/demand";
import type { TemplateConfig } from "@kubestack/templates";
import { costIn } from "./costs.ts";

/** What was launched from a template: slaves that live, and launches that are decided already. */
export interface LaunchedFrom {
  readonly alive: readonly { readonly record: SlaveRecord }[];
  readonly planned: readonly LaunchIntent[];
}

/** Of each resource the smaller cap: what a master can have at most of what it has for itself, and shares with others. */
export function narrowest(one: Caps, other: Caps): Caps {
  return Object.fromEntries(
    cappedResources.flatMap((of) => {
      const most = Math.min(one[of] ?? Number.POSITIVE_INFINITY, other[of] ?? Number.POSITIVE_INFINITY);
      return Number.isFinite(most) ? [[of, most]] : [];
    }),
  );
}

/**
 * How templates stand among those of their master: by the part of its caps that their slaves have, of the resource of which that is the
 * largest. Where neither cpu nor memory is capped each slave counts as much as any. Pure.
 */
export function sharesUnder(
  caps: Caps,
  templates: readonly TemplateConfig[],
): (template: TemplateConfig, own: LaunchedFrom) => TemplateShare {
  const costOf = costIn(templates);
  const bySize = caps.cpu !== undefined || caps.memory !== undefined;
  return ({ name, priority, weight }, { alive, planned }) => {
    if (!bySize) return { priority, weight, used: alive.length + planned.length, askOf: () => 1 };
    const costs = [
      ...alive.map(({ record: { size } }) => costOf({ template: name, size })),
      ...planned.map(({ sized }) => costOf({ template: name, size: sized?.size })),
    ];
    const askOf = (size: PodSize | undefined): number => dominant(costOf({ template: name, size }), caps).part;
    return { priority, weight, used: dominant(sumOf(costs), caps).part, askOf };
  };
}
