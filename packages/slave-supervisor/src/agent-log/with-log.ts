import type { SlaveEvent } from "@kubestack/slave";
import type { Told } from "./cause.ts";

/**
 * An event that ends a slave whose agent did not come, with what its log says; undefined while that is being read: it is told
 * later. Any other event stays as it is.
 */
export function withLog<E extends SlaveEvent>(event: E, found: Told | "reading" | "nothing"): E | undefined {
  if (event.type !== "pod.ended" && event.type !== "deadline.passed") return event;
  if (found === "reading") return undefined;
  if (found === "nothing") return event;
  return { ...event, reason: `${event.reason}: its log says that ${found.says}`, cause: found.cause };
}
