import { z } from "zod";
import { jenkinsComputers } from "./jenkins-computers/index.ts";
import type { CompletionListener, ListenerContext } from "./listener.ts";

/** Every kind of completion listener: one line each. */
const kinds = { "jenkins-computers": jenkinsComputers } as const;

/** One entry of a master's `completion:`. */
export const completionListenerConfigSchema = z.discriminatedUnion("type", [kinds["jenkins-computers"].schema], {
  error: `must be a listener of a known type (${Object.keys(kinds).join(", ")}); correct its type`,
});
export type CompletionListenerConfig = z.output<typeof completionListenerConfigSchema>;

/** What a Jenkins master without `completion:` is watched by. */
export const defaultCompletionListeners: readonly z.input<typeof completionListenerConfigSchema>[] = [
  { type: "jenkins-computers" },
];

/** Makes the listener that an entry describes. */
export function connectCompletionListener(
  config: CompletionListenerConfig,
  context: ListenerContext,
): CompletionListener {
  return kinds[config.type].connect(config, context);
}
