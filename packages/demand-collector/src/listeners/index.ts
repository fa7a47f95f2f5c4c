import { z } from "zod";
import { jenkinsQueue } from "./jenkins-queue/index.ts";
import type { DemandListener, ListenerContext } from "./listener.ts";

/** Every kind of demand listener: one line each. */
const kinds = { "jenkins-queue": jenkinsQueue } as const;

/** One entry of a master's `demand:`. */
export const demandListenerConfigSchema = z.discriminatedUnion("type", [kinds["jenkins-queue"].schema], {
  error: `must be a listener of a known type (${Object.keys(kinds).join(", ")}); correct its type`,
});
export type DemandListenerConfig = z.output<typeof demandListenerConfigSchema>;

/** What a Jenkins master without `demand:` is watched by. */
export const defaultDemandListeners: readonly z.input<typeof demandListenerConfigSchema>[] = [
  { type: "jenkins-queue" },
];

/** Makes the listener that an entry describes. */
export function connectDemandListener(config: DemandListenerConfig, context: ListenerContext): DemandListener {
  return kinds[config.type].connect(config, context);
}
