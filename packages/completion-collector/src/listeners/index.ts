import { z } from "zod";
import { external } from "./external/index.ts";
import { jenkinsComputers } from "./jenkins-computers/index.ts";
import type { CompletionListener, ListenerContext } from "./listener.ts";
import { notification } from "./notification/index.ts";
import { zmq } from "./zmq/index.ts";

/** Every kind of completion listener: one line each. */
const kinds = { "jenkins-computers": jenkinsComputers, zmq, notification, external } as const;

/** One entry of a master's `completion:`. */
export const completionListenerConfigSchema = z.discriminatedUnion(
  "type",
  [kinds["jenkins-computers"].schema, kinds.zmq.schema, kinds.notification.schema, kinds.external.schema],
  { error: `must be a listener of a known type (${Object.keys(kinds).join(", ")}); correct its type` },
);
export type CompletionListenerConfig = z.output<typeof completionListenerConfigSchema>;

/** What a Jenkins master without `completion:` is watched by. */
export const defaultCompletionListeners: readonly z.input<typeof completionListenerConfigSchema>[] = [
  { type: "jenkins-computers" },
];

/** The listeners of a Jenkins. `jenkins-computers` is always one of them: what is pushed may be lost, and is never a fact. */
export function withComparing(configs: readonly CompletionListenerConfig[]): readonly CompletionListenerConfig[] {
  const compares = configs.some(({ type }) => type === "jenkins-computers");
  return compares ? configs : [{ type: "jenkins-computers" }, ...configs];
}

/** What any other master is listened to by. */
export const ownCompletionListeners: readonly CompletionListenerConfig[] = [{ type: "external" }];

/** Makes the listener that an entry describes. */
export function connectCompletionListener(
  config: CompletionListenerConfig,
  context: ListenerContext,
): CompletionListener {
  switch (config.type) {
    case "jenkins-computers":
      return kinds[config.type].connect(config, context);
    case "external":
      return kinds[config.type].connect(config, context);
    case "zmq":
      return kinds[config.type].connect(config, context);
    case "notification":
      return kinds[config.type].connect(config, context);
  }
}
