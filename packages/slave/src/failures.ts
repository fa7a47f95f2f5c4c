import { type AgentCause, type FailureClass, failureClasses, type SlaveLife } from "@kubestack/contracts";
import type { SlaveEvent } from "./events.ts";

type Of<T extends SlaveEvent["type"]> = Extract<SlaveEvent, { type: T }>;

/** Whatever waits for these to pass waits for a person: the same is asked for again and again, and answered alike. */
const pastMending: ReadonlySet<string> = new Set<FailureClass>([
  "image-name-invalid",
  "image-not-found",
  "image-denied",
  "container-config",
]);

/** Whether waiting does not mend it. */
export function isPastMending(failure: string): boolean {
  return pastMending.has(failure);
}

/** What ends a slave by this event failed of; null where it goes as it should. `life` is the one before it. Pure. */
export function failureOf(event: SlaveEvent, life: SlaveLife): FailureClass | null {
  switch (event.type) {
    case "pod.refused":
      return event.failure ?? "object-invalid";
    case "node.refused":
      return event.failure ?? "node-invalid";
    case "service.refused":
      return event.failure ?? "object-invalid";
    case "pod.ended":
      return byItsLog(event.failure ?? "agent-exited", event.cause);
    case "pod.gone":
      return "pod-deleted";
    case "deadline.passed":
      return ofClock(event, life);
    default:
      return null;
  }
}

function ofClock({ clock, cause }: Of<"deadline.passed">, { pod, node }: SlaveLife): FailureClass | null {
  switch (clock) {
    case "request":
      return "pod-not-made";
    case "schedule":
      return "unschedulable";
    case "pull":
    case "mend":
      return known(pod.trouble?.class) ?? "image-pull";
    case "start":
      return known(pod.trouble?.class) ?? "container-start";
    case "register":
      return node.registeredAt === null ? "node-not-made" : "secret-not-made";
    case "connect":
      return byItsLog("agent-never-connected", cause);
    case "lost":
      return "agent-lost";
    // It idled, is too old, or was not needed: nothing failed.
    default:
      return null;
  }
}

/** An agent's own log knows better than the end of its container. */
function byItsLog(failure: FailureClass, cause: AgentCause | undefined): FailureClass {
  if (failure !== "agent-exited" && failure !== "agent-never-connected") return failure;
  if (cause === "agent-too-old" || cause === "java-too-old") return "agent-too-old";
  return cause === "out-of-memory" ? "out-of-memory" : failure;
}

function known(failure: string | undefined): FailureClass | undefined {
  return failureClasses.find((one) => one === failure);
}

/** The end of a pod that is told so long after that of its build, in milliseconds, may be what ended it. */
const lateMs = 10_000;

const losses: ReadonlySet<string> = new Set<FailureClass>([
  "out-of-memory",
  "evicted",
  "preempted",
  "node-shutdown",
  "node-lost",
]);

/**
 * Whether a pod's end tells by what its slave was lost though that goes already: the master may tell the end of a build whose
 * process was killed before the cluster tells who killed it.
 */
export function isLateLoss({ failure: before, builds }: SlaveLife, { failure, at }: Of<"pod.ended">): boolean {
  if (before !== null || failure === undefined || !losses.has(failure)) return false;
  return builds.finishedAt !== null && at - builds.finishedAt <= lateMs;
}
