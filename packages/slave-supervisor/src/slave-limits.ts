import type { SlaveLimits } from "@kubestack/contracts";
import { type TemplateConfig, templateConfigSchema } from "@kubestack/templates";

/**
 * The limits that a slave keeps for life. A template that is gone from the configuration gives the defaults. `keepsNodes`: whether
 * the node of its attach mode outlives an agent, without which no pod can follow a lost one.
 */
export function lifeLimitsOf(
  template: TemplateConfig | undefined,
  { keepsNodes }: { keepsNodes: boolean },
): SlaveLimits {
  const { timeouts, idleTimeout, maxAge, builds, retain, retainFor, relaunch } =
    template ?? templateConfigSchema.parse({ name: "gone", image: "gone" });
  return {
    scheduleMs: timeouts.schedule,
    pullMs: timeouts.pull,
    startMs: timeouts.start,
    connectMs: timeouts.connect,
    idleMs: idleTimeout,
    maxAgeMs: maxAge,
    builds,
    ...(timeouts.build === undefined ? {} : { buildMs: timeouts.build }),
    ...(retain === "never" ? {} : { retain: { when: retain, forMs: retainFor } }),
    ...(relaunch === undefined || !keepsNodes ? {} : { relaunch }),
  };
}
