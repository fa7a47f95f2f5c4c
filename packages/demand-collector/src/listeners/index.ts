import { z } from "zod";
import { external } from "./external/index.ts";
import { gearman } from "./gearman/index.ts";
import { jenkinsComputers } from "./jenkins-computers/index.ts";
import { jenkinsQueue } from "./jenkins-queue/index.ts";
import type { DemandListener, ListenerContext } from "./listener.ts";
import { webhook } from "./webhook/index.ts";

/** Every kind of demand listener: one line each. */
const kinds = {
  "jenkins-queue": jenkinsQueue,
  "jenkins-computers": jenkinsComputers,
  gearman,
  external,
  webhook,
} as const;

/** One entry of a master's `demand:`. */
export const demandListenerConfigSchema = z.discriminatedUnion(
  "type",
  [
    kinds["jenkins-queue"].schema,
    kinds["jenkins-computers"].schema,
    kinds.gearman.schema,
    kinds.external.schema,
    kinds.webhook.schema,
  ],
  { error: `must be a listener of a known type (${Object.keys(kinds).join(", ")}); correct its type` },
);
export type DemandListenerConfig = z.output<typeof demandListenerConfigSchema>;

/** What a Jenkins master without `demand:` is watched by. */
export const defaultDemandListeners: readonly z.input<typeof demandListenerConfigSchema>[] = [
  { type: "jenkins-queue" },
];

/** Makes the listener that an entry describes. */
export function connectDemandListener(config: DemandListenerConfig, context: ListenerContext): DemandListener {
  switch (config.type) {
    case "jenkins-queue":
      return kinds[config.type].connect(config, context);
    case "jenkins-computers":
      return kinds[config.type].connect(config, context);
    case "gearman":
      return kinds[config.type].connect(config, context);
    case "external":
      return kinds[config.type].connect(config, context);
    case "webhook":
      return kinds[config.type].connect(config, context);
  }
}

/** Whether a listener reads a Jenkins. */
export function readsJenkins(type: DemandListenerConfig["type"]): boolean {
  return type === "jenkins-queue" || type === "jenkins-computers";
}

/** The listeners of a Jenkins: the one that shows its computers is the first, whatever else tells what waits. */
export function withComputers(configs: readonly DemandListenerConfig[]): readonly DemandListenerConfig[] {
  const others = configs.filter(({ type }) => !readsJenkins(type));
  const own = configs.filter(({ type }) => readsJenkins(type));
  return own.length > 0 ? [...own, ...others] : [{ type: "jenkins-computers", interval: 2_000 }, ...others];
}
