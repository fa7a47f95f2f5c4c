import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AgentStreams } from "./agent-streams.ts";
import { type Answer, notFound, page } from "./answer.ts";
import type { FaultTable } from "./faults.ts";
import { type Received, received } from "./received.ts";
import { mastersHeaders, type Scene } from "./scene.ts";
import { answerInstead } from "./send-answer.ts";
import { refuseWebSocket } from "./web-socket.ts";

/** What a request for a WebSocket is met with. */
export interface WebSocketGround {
  readonly scene: Scene;
  readonly streams: AgentStreams;
  readonly faults: FaultTable;
  readonly context: string;
  /** Told of the request, as of every other one. */
  readonly told: (request: Received) => void;
}

/** Takes the connection for an agent, or refuses it; of faults those that answer instead and those that break it count. */
export function takeUpgrade(message: IncomingMessage, socket: Duplex, ground: WebSocketGround): void {
  const { scene, faults, context, told } = ground;
  const { method = "GET", url = "/", headers } = message;
  const request = received({ method, url, headers, body: "" }, context);
  if (request === null) {
    refuseWebSocket(socket, notFound());
    return;
  }
  told(request);
  scene.core.batch(() => undefined); // time passes for it, whether anything is changed or not
  const fault = faults.take(request);
  if (fault?.kind === "drop") {
    socket.destroy();
    return;
  }
  const instead = fault === null ? null : answerInstead(fault);
  const refusal = instead ?? answerOf(message, socket, { ...ground, request });
  if (refusal === null) return;
  refuseWebSocket(socket, { ...refusal, headers: { ...mastersHeaders(scene.state), ...refusal.headers } });
}

function answerOf(
  message: IncomingMessage,
  socket: Duplex,
  { scene, streams, request }: WebSocketGround & { readonly request: Received },
): Answer | null {
  const { state } = scene;
  if (state.phase === "starting") return page(503, { title: "Starting Jenkins", body: "<h1>Please wait</h1>" });
  if (request.segments.join("/") !== "wsagents" || !state.version.takesWebSockets) return notFound();
  return streams.openWebSocket(request, { message, socket });
}
