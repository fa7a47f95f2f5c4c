import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { MasterCore } from "../core/core.ts";
import type { CoreEvent } from "../core/state.ts";
import { type Answer, httpError, plain } from "./answer.ts";
import type { Received } from "./received.ts";
import { acceptWebSocket, asksForWebSocket } from "./web-socket.ts";

/** Simulated agents: one channel each. Open means connected, and its end is a lost channel. */
export interface AgentStreams {
  /** Takes the response for a stream (null), or answers why not. */
  open(request: Received, response: ServerResponse): Answer | null;
  /** Takes the connection for a WebSocket (null), or answers why not. */
  openWebSocket(request: Received, on: { readonly message: IncomingMessage; readonly socket: Duplex }): Answer | null;
  /** Takes word from an agent that a script has ended. */
  ended(request: Received): Answer;
  /** Ends all of them, as a master's end does. */
  close(): void;
}

/** One agent's channel, by whatever way it came. */
interface Channel {
  write(line: string): void;
  /** Shows the agent that the way is not dead. */
  ping(): void;
  end(): void;
  onceClosed(heard: () => void): void;
}

/** Signs of life between which an agent may take the way for dead, in ms. */
const pingMs = 5_000;

/**
 * `GET simulator/agent?name=N` with the node's secret in `x-agent-secret`: lines of JSON, `connected` first, then
 * `started` and `ended` of what it runs, and `ping`. 400 no such node, 403 wrong secret, 409 connected already.
 * A build that started with a `script` ends with `POST simulator/agent/ended?name=N&job=J&number=1&result=R`.
 *
 * By WebSocket, at `wsagents/` and with the headers that a Jenkins' own agents send (`Node-Name`, `Secret-Key`,
 * `X-Remoting-Capability`): the same lines as texts. What is asked without one of them, for no node or for one that is connected
 * already is 400 there.
 */
export function createAgentStreams(core: MasterCore, secretOf: (node: string) => string): AgentStreams {
  const channels = new Map<string, Channel>();

  function end(name: string): void {
    const channel = channels.get(name);
    channels.delete(name);
    channel?.end();
  }

  core.subscribe((event) => {
    if (event.kind === "restarting") for (const name of [...channels.keys()]) end(name);
    if (event.node === undefined) return;
    if (event.kind === "agent-offline" || event.kind === "node-deleted") end(event.node);
    const channel = channels.get(event.node);
    if (event.kind === "started" || event.kind === "ended") channel?.write(lineOf(core, event));
  });

  function isKnown(name: string): boolean {
    return core.state.nodes.has(name);
  }

  function attach(name: string, channel: Channel): void {
    channel.write(`${JSON.stringify({ type: "connected", name, session: core.state.session })}\n`);
    channels.set(name, channel);
    const ping = setInterval(() => channel.ping(), pingMs);
    ping.unref();
    channel.onceClosed(() => {
      clearInterval(ping);
      if (channels.get(name) !== channel) return;
      channels.delete(name);
      core.disconnect(name);
    });
    core.connect(name);
  }

  /** The node's name, or why the agent that asks is not its. */
  function presented(request: Received): string | Answer {
    const name = request.query.get("name") ?? "";
    if (!isKnown(name)) return httpError(400, `${name} is not a node of this master`);
    if (isEqual(request.headers["x-agent-secret"] ?? "", secretOf(name))) return name;
    return httpError(403, `The secret of ${name} is wrong`);
  }

  return {
    open(request, response) {
      const name = presented(request);
      if (typeof name !== "string") return name;
      if (core.node(name).connectedAtMs !== null) return httpError(409, `${name} is already connected to this master`);
      response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
      attach(name, {
        write: (line) => void response.write(line),
        ping: () => void response.write(`${JSON.stringify({ type: "ping" })}\n`),
        end: () => void response.end(),
        onceClosed: (heard) => void response.once("close", heard),
      });
      return null;
    },
    openWebSocket(request, { message, socket }) {
      const [name, secret, capability] = ["node-name", "secret-key", "x-remoting-capability"].map(
        (header) => request.headers[header],
      );
      const isWhole = name !== undefined && secret !== undefined && capability !== undefined;
      if (!isWhole || !asksForWebSocket(message))
        return httpError(400, "This endpoint is only for use from agent.jar in WebSocket mode");
      if (!isKnown(name)) return httpError(400, "no such agent");
      if (!isEqual(secret, secretOf(name))) return httpError(403, "Forbidden");
      if (core.node(name).connectedAtMs !== null) return httpError(400, `${name} is already connected`);
      const end = acceptWebSocket(message, socket, {
        "x-remoting-capability": capability,
        "x-remoting-minimum-version": "3176.v207ec082a_8c0",
        "connection-cookie": randomBytes(16).toString("hex"),
      });
      attach(name, { ...end, write: (line) => end.send(line) });
      return null;
    },
    ended(request) {
      const name = presented(request);
      if (typeof name !== "string") return name;
      const [job = "", number, result] = ["job", "number", "result"].map((key) => request.query.get(key) ?? "");
      const isIts = core
        .works()
        .some((work) => work.job === job && String(work.number) === number && work.place?.node.name === name);
      if (isIts)
        core.finishBuild(job, { number: Number(number), result: result === "SUCCESS" ? "SUCCESS" : "FAILURE" });
      return plain(200);
    },
    close() {
      for (const name of [...channels.keys()]) end(name);
    },
  };
}

function lineOf(core: MasterCore, { kind, work }: CoreEvent): string {
  const told = {
    type: kind,
    job: work?.job,
    part: work?.part,
    number: work?.number,
    result: work?.result ?? undefined,
    script: kind === "started" && work !== undefined ? core.job(work.job).spec.script : undefined,
  };
  return `${JSON.stringify(told)}\n`;
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
