import type { SlaveLimits } from "@kubestack/contracts";
import { type TemplateConfig, templateConfigSchema } from "@kubestack/templates";

/** The limits that a slave keeps for life. A template that is gone from the configuration gives the defaults. */
export function lifeLimitsOf(template: TemplateConfig | undefined): SlaveLimits {
  const { timeouts, idleTimeout, maxAge, builds, retain, retainFor } =
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
  };
}
