import type { SlaveEvent } from "./events.ts";
import { toldHold } from "./holding.ts";

/** The sentence that a state is entered with, for people. */
export function reasonOf(event: SlaveEvent): string {
  switch (event.type) {
    case "pod.accepted":
      return "the pod exists";
    case "pod.refused":
      return `the pod was refused: ${event.reason}`;
    case "node.refused":
      return `the master refused the node: ${event.reason}`;
    case "service.refused":
      return `a Service was refused: ${event.reason}`;
    case "pod.ended":
    case "pod.gone":
    case "agent.lost":
    case "node.dropped":
    case "drain.requested":
    case "master.forgotten":
    case "deadline.passed":
      return event.reason;
    case "agent.online":
      return "the agent is connected";
    case "build.started":
      return `runs ${event.url}`;
    case "build.awaited":
      return `${event.url} is to go on here`;
    case "build.told":
      return `${event.url} began here, and is not known to be over`;
    case "build.finished":
      return `${event.url} is over`;
    case "hold.requested":
      return toldHold(event);
    case "looked":
      return event.build === null ? "seen idle" : `runs ${event.build}`;
    default:
      return event.type;
  }
}
