import { isForWindows } from "../loosening.ts";
import { type JsonMap, mapOf } from "../merge/json.ts";
import type { InjectMode } from "./is-injected.ts";

/** What keeps an agent from being injected where a template wants it in any case. */
export function injectFaults(
  inject: InjectMode | undefined,
  agentImage: string | null | undefined,
  pod: JsonMap,
): readonly string[] {
  if (inject !== "always") return [];
  if (isForWindows(mapOf(pod.spec)))
    return [
      "is always, but the agent can't be put into images for Windows; write never, and use an image with an agent",
    ];
  return agentImage ? [] : ["is always, but no agentImage says from which image the agent is taken; name one"];
}
