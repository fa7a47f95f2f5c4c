import type { SlaveRecord } from "@kubestack/contracts";
import { type TemplateConfig, type WarmTarget, warmTarget } from "@kubestack/templates";

/** What each template's rules want at `now`, where they want any, by its name; one without labels is a parent only. Pure. */
export function warmTargets(
  templates: readonly Pick<TemplateConfig, "name" | "labels" | "unlabelled" | "warm">[],
  slaves: Iterable<{ readonly record: Pick<SlaveRecord, "template" | "state"> }>,
  now: number,
): ReadonlyMap<string, WarmTarget> {
  const wanting = templates.filter(
    ({ labels, unlabelled, warm }) => warm !== undefined && (labels.length > 0 || unlabelled),
  );
  if (wanting.length === 0) return new Map();
  const busy = new Map<string, number>();
  for (const { record } of slaves)
    if (record.state === "busy") busy.set(record.template, (busy.get(record.template) ?? 0) + 1);
  return new Map(
    wanting.flatMap(({ name, warm = [] }) => {
      const target = warmTarget(warm, now, busy.get(name) ?? 0);
      return target === undefined ? [] : [[name, target] as const];
    }),
  );
}
