import type { Plan, TemplateStanding } from "@kubestack/contracts";
import { requestsOf, type TemplateConfig } from "@kubestack/templates";
import type { PlannedPods } from "../planned-pods.ts";
import type { WarmDecision } from "./decide.ts";

/** The plan, with what is launched to be idle and how many are to be. `pods`: what is told of the pods besides, default nothing. */
export function withWarm(
  plan: Plan,
  decision: WarmDecision,
  { templates, pods }: { readonly templates: readonly TemplateConfig[]; readonly pods?: PlannedPods | undefined },
): Plan {
  const byTemplate = Map.groupBy(decision.launches, ({ template }) => template);
  const launches = [...byTemplate].map(([template, of]) => {
    const config = templates.find(({ name }) => name === template);
    const shape = config === undefined ? undefined : requestsOf(config);
    return {
      template,
      count: of.length,
      reason: of[0]?.reason ?? "",
      shape: { cpu: shape?.cpu ?? "0", memory: shape?.memory ?? "0" },
      items: [],
      isWarm: true,
      ...pods?.of({ template, isWarm: true }),
    };
  });
  return {
    ...plan,
    launches: [...plan.launches, ...launches],
    ...(plan.templates === undefined ? {} : { templates: plan.templates.map((one) => withStanding(one, decision)) }),
  };
}

/** Without seconds that run: the plan is told anew whenever it says something else. */
function withStanding(standing: TemplateStanding, { targets, short }: WarmDecision): TemplateStanding {
  const target = targets.get(standing.name);
  if (target === undefined) return standing;
  const missing = short.find(({ template }) => template === standing.name);
  const why = missing?.code === "held" ? "it is held" : missing?.reason;
  return {
    ...standing,
    warm: { idle: target.idle, because: target.because, ...(why === undefined ? {} : { short: why }) },
  };
}
